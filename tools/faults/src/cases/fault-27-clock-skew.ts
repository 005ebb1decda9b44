import { bothBackends, type FaultCase } from "../fault-case.js";
import { gather, onceEach } from "./crowd.js";

/** Debian's `faketime`, preloaded; what a monotonic clock says stays true, as it does when somebody sets the time. */
const skewed = (offset: string) => ({
  LD_PRELOAD: "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
  FAKETIME: offset,
  FAKETIME_DONT_FAKE_MONOTONIC: "1",
  FAKETIME_NO_CACHE: "1",
});

export const clockSkew: FaultCase = {
  number: 27,
  name: "clocks an hour ahead and ten minutes behind",
  backends: bothBackends,
  rig: {
    envOf: {
      "api-1": skewed("+1h"),
      "webhook-gateway-1": skewed("+1h"),
      "orchestrator-1": skewed("+1h"),
      "agent-runner-1": skewed("-10m"),
    },
  },
  async run(rig) {
    const from = Date.now();
    const crowd = await gather(rig, 8);
    crowd.release();
    await crowd.complete();
    onceEach(crowd.turns());
    const [late] = await rig.postgres.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM run_events WHERE created_at > now() + interval '1 minute' OR created_at < now() - interval '9 minutes'",
    );
    if (late?.count !== 0)
      throw new Error("A service's own clock stands in the timeline.");
    return [
      { service: "agent-runner-1", log: writtenBetween(from, Date.now()) },
    ];
  },
};

/** A line that bears a time ten minutes before. */
function writtenBetween(fromMs: number, toMs: number): RegExp {
  const minutes: string[] = [];
  for (let at = fromMs; at < toMs + MINUTE_MS; at += MINUTE_MS)
    minutes.push(new Date(at - 10 * MINUTE_MS).toISOString().slice(0, 16));
  return new RegExp(`"time":"(?:${minutes.join("|")})`);
}

const MINUTE_MS = 60_000;
