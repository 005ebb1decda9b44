import { bothBackends, type FaultCase } from "../fault-case.js";
import { gather } from "./crowd.js";

const RETRY_AFTER_S = 5;
/** From then on: as GitHub wants it of who writes much. */
const APART_MS = 1_000;
/** What one replica has learned the others ask for once a second; a busy machine is slow to answer. */
const KNOWN_WITHIN_MS = 2_500;
/** A busy machine is late with one request and not with the next. */
const JITTER_MS = 500;

/** GitHub asks for 5 seconds of silence; whoever met it, all replicas are silent, and write a second apart afterwards. */
export const secondaryLimit: FaultCase = {
  number: 22,
  name: "GitHub's secondary limit, with retry-after",
  backends: bothBackends,
  rig: {}, // Its processes are slow for ten minutes.
  async run(rig, random) {
    const crowd = await gather(rig, 2);
    const before = rig.github.requests().length;
    rig.github.faults.add({
      kind: "rate_limit_secondary",
      status: random.pick([403, 429]),
      retryAfterSeconds: RETRY_AFTER_S,
      // Not what git posts.
      match: { method: "POST", path: /\/repos\// },
      times: 1,
    });
    crowd.release();
    await crowd.complete();
    const requests = rig.github.requests().slice(before);
    const struck = requests.find(
      ({ fault }) => fault === "rate_limit_secondary",
    );
    if (struck === undefined) throw new Error("The limit was never met.");
    const writes = requests
      .filter(
        ({ method, path, at }) =>
          at > struck.at && method !== "GET" && !path.endsWith("/graphql"),
      )
      .map(({ at }) => at.getTime() - struck.at.getTime());
    const pauseEndsMs = RETRY_AFTER_S * 1_000 - JITTER_MS;
    const early = writes.filter(
      (ms) => ms > KNOWN_WITHIN_MS && ms < pauseEndsMs,
    );
    if (early.length > 0)
      throw new Error(`Written amid the pause: ${String(early)}`);
    const [first = 0, ...others] = writes.filter((ms) => ms >= pauseEndsMs);
    const due = first + others.length * APART_MS - JITTER_MS;
    if ((others.at(-1) ?? due) < due)
      throw new Error(`Written too soon after each other: ${String(writes)}`);
    return [
      {
        service: "orchestrator",
        metric: /github_requests_total\{[^}]*outcome="limited"/,
      },
    ];
  },
};
