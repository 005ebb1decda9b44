import { strict as assert } from "node:assert";
import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bothBackends, type FaultCase } from "../fault-case.js";
import { diligent } from "../rig/director.js";
import type { Rig } from "../rig/rig.js";
import { gather, onceEach, pause } from "./crowd.js";

/** Debian's `faketime`, preloaded; what a monotonic clock says stays true, as it does when somebody sets the time. */
const faketime = {
  LD_PRELOAD: "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
  FAKETIME_DONT_FAKE_MONOTONIC: "1",
};
const skewed = (offset: string) => ({
  ...faketime,
  FAKETIME: offset,
  FAKETIME_NO_CACHE: "1",
});

/** What `agent-runner-2` takes for the time is read from here; the real one until it is there. */
const clockFile = join(tmpdir(), `pullwright-faults-clock-${process.pid}`);

/** Of an agent's failure: what is done again waits for so long. */
const BACKOFF_MS = 5_000;
/** A busy machine is late with what is due. */
const SLOW_MS = 30_000;

/** One runner's clock jumps by an hour while its agents work. */
export const clockSkew: FaultCase = {
  number: 27,
  name: "clocks an hour ahead, ten minutes behind, and one that jumps",
  backends: bothBackends,
  rig: {
    envOf: {
      "api-1": skewed("+1h"),
      "webhook-gateway-1": skewed("+1h"),
      "orchestrator-1": skewed("+1h"),
      "agent-runner-1": skewed("-10m"),
      "agent-runner-2": {
        ...faketime,
        FAKETIME_TIMESTAMP_FILE: clockFile,
        FAKETIME_CACHE_DURATION: "1", // Seconds: to read it at each look takes much of a processor.
      },
    },
  },
  async run(rig, random) {
    const from = Date.now();
    const crowd = await gather(rig, 8);
    const failing = [rig.ask(), rig.ask()];
    rig.director.follow((turn) =>
      failing.includes(turn.issueNumber) && turn.turn === 1
        ? ["exit 1"]
        : diligent(turn),
    );
    try {
      await pause(random.between(0, 1_000));
      await writeFile(clockFile, "+1h");
      await pause(random.between(2_000, 3_000)); // Heartbeats by the new time.
      crowd.release();
      await crowd.complete();
      await rig.wait(failing);
    } finally {
      await rm(clockFile, { force: true });
    }
    onceEach(crowd.turns());
    for (const ms of await backoffsOf(rig, failing))
      assert(
        ms >= BACKOFF_MS && ms <= BACKOFF_MS + SLOW_MS,
        `begun again after ${ms} ms`,
      );
    const [late] = await rig.postgres.query<{ count: number }>(
      "SELECT count(*)::int AS count FROM run_events WHERE created_at > now() + interval '1 minute' OR created_at < now() - interval '9 minutes'",
    );
    if (late?.count !== 0)
      throw new Error("A service's own clock stands in the timeline.");
    return [
      {
        service: "agent-runner-1",
        log: writtenBetween(from, Date.now(), -10 * MINUTE_MS),
      },
      {
        service: "agent-runner-2",
        log: writtenBetween(from, Date.now(), 60 * MINUTE_MS),
      },
    ];
  },
};

/** Milliseconds between the first attempt at each run and the second, by the clock of Postgres. */
async function backoffsOf(
  { postgres }: Rig,
  issues: readonly number[],
): Promise<number[]> {
  const pairs = await postgres.query<{ first: Date; second: Date }>(
    `SELECT a.ended_at AS first, b.started_at AS second FROM attempts a JOIN workflow_runs r ON r.id = a.workflow_run_id
       JOIN attempts b ON b.phase_run_id = a.phase_run_id AND b.fence = a.fence + 1
      WHERE r.issue_number = ANY($1) AND a.failure_class IS NOT NULL`,
    [issues],
  );
  assert.equal(pairs.length, issues.length, "each has failed once");
  return pairs.map(({ first, second }) => second.getTime() - first.getTime());
}

/** A line that bears a time so far from the real one. */
function writtenBetween(
  fromMs: number,
  toMs: number,
  offsetMs: number,
): RegExp {
  const minutes: string[] = [];
  for (let at = fromMs; at < toMs + MINUTE_MS; at += MINUTE_MS)
    minutes.push(new Date(at + offsetMs).toISOString().slice(0, 16));
  return new RegExp(`"time":"(?:${minutes.join("|")})`);
}

const MINUTE_MS = 60_000;
