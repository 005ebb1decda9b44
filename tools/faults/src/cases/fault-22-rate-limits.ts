import type { Fault, JournalEntry } from "@pullwright/local-github";
import { bothBackends, type FaultCase } from "../fault-case.js";
import type { Random } from "../rig/random.js";
import { gather } from "./crowd.js";

const APART_MS = 1_000;
/** What one replica has learned the others ask for once a second; a busy machine is slow to answer, and a pause may be short. */
const knownWithinMs = (pauseMs: number) => Math.min(5_000, pauseMs / 2);
/** Twice what a busy machine may take until all replicas know of it. */
const PAUSE_SECONDS = 10;
/** A busy machine is late with one request and not with the next. */
const JITTER_MS = 500;

interface Limit {
  readonly name: string;
  readonly fault: (random: Random) => Fault;
  /** How long all replicas must be silent. */
  readonly pauseMs: number;
  /** Between two writes from then on, as GitHub wants it of who writes much. */
  readonly apartMs: number;
}

const limits: readonly Limit[] = [
  {
    name: "GitHub's secondary limit, with retry-after",
    fault: (random) => ({
      kind: "rate_limit_secondary",
      status: random.pick([403, 429]),
      retryAfterSeconds: PAUSE_SECONDS,
    }),
    pauseMs: PAUSE_SECONDS * 1_000,
    apartMs: APART_MS,
  },
  {
    // A minute, as GitHub advises.
    name: "GitHub's secondary limit, without retry-after",
    fault: (random) => ({
      kind: "rate_limit_secondary",
      status: random.pick([403, 429]),
      namesNoTime: true,
    }),
    pauseMs: 60_000,
    apartMs: APART_MS,
  },
  {
    name: "GitHub's primary limit, nothing remaining",
    fault: () => ({
      kind: "rate_limit_primary",
      retryAfterSeconds: PAUSE_SECONDS,
    }),
    pauseMs: PAUSE_SECONDS * 1_000,
    apartMs: 0,
  },
];

/** GitHub asks for silence; whoever met it, all replicas are silent, and nothing is lost. */
const limited = ({ name, fault, pauseMs, apartMs }: Limit): FaultCase => ({
  number: 22,
  name,
  backends: bothBackends,
  rig: {},
  spendsRig: true, // Its processes are slow for ten minutes.
  async run(rig, random) {
    const crowd = await gather(rig, 2);
    const from = new Date();
    const limit = fault(random);
    rig.github.faults.add({
      ...limit,
      // Not what git posts.
      match: { method: "POST", path: /\/repos\// },
      times: 1,
    });
    crowd.release();
    await crowd.complete();
    // Git has no such limit, and GraphQL's is another.
    const requests = rig.github
      .requests()
      .filter(({ at, kind }) => at >= from && kind === "rest");
    const struck = requests.find((request) => request.fault === limit.kind);
    if (struck === undefined) throw new Error("The limit was never met.");
    const afterMs = ({ at }: JournalEntry) =>
      at.getTime() - struck.at.getTime();
    const pauseEndsMs = pauseMs - JITTER_MS;
    const early = requests.filter(
      (request) =>
        afterMs(request) > knownWithinMs(pauseMs) &&
        afterMs(request) < pauseEndsMs,
    );
    if (early.length > 0)
      throw new Error(
        `Asked amid the pause: ${early.map((one) => `${one.method} ${one.path} after ${afterMs(one)} ms`).join(", ")}`,
      );
    const writes = requests
      .filter((request) => request.method !== "GET" && afterMs(request) > 0)
      .map(afterMs);
    const [first = 0, ...others] = writes.filter((ms) => ms >= pauseEndsMs);
    const due = first + others.length * apartMs - JITTER_MS;
    if ((others.at(-1) ?? due) < due)
      throw new Error(`Written too soon after each other: ${String(writes)}`);
    return [
      {
        service: "orchestrator",
        metric: /github_requests_total\{[^}]*outcome="limited"/,
      },
    ];
  },
});

export const rateLimits: readonly FaultCase[] = limits.map(limited);
