import { describe, expect, it } from "@jest/globals";
import type { HeartbeatAnswer } from "@pullwright/persistence";
import { createSilentLogger, sleep } from "@pullwright/platform";
import { until } from "@pullwright/testing";
import { keepLease, type Keeping } from "./keep-lease.js";
import { Lease } from "./lease.js";

const HELD: HeartbeatAnswer = {
  kind: "held",
  cancelRequested: false,
  maxUsd: null,
  spentUsd: 0,
};

const LEASE_MS = 800;
/** So long that no test can wait for its end. */
const LONG_LEASE_MS = 600_000;

/** Keeps a lease; one of 800 ms counts as held for 600 ms after each confirmed beat. */
function keep(
  beat: (count: number) => Promise<HeartbeatAnswer>,
  timeoutMs = LEASE_MS,
  intervalMs = 40,
) {
  const lease = new Lease({ intervalMs, timeoutMs });
  const over = new AbortController();
  const cancels: boolean[] = [];
  let beats = 0;
  const startedAt = performance.now();
  const keeping: Keeping = {
    attempt: {
      attemptId: "a",
      phaseRunId: "p",
      runId: "r",
      fence: 1,
      owner: "o",
    } as Keeping["attempt"], // Only handed on to `beat`.
    lease,
    beat: () => beat((beats += 1)),
    onBeat: (answer) => cancels.push(answer.cancelRequested),
    logger: createSilentLogger(),
  };
  const kept = keepLease(keeping, over.signal).then(
    () => performance.now() - startedAt,
  );
  return {
    lease,
    over,
    kept,
    /** Whether it was given up by the end of its time. What came due while the machine stood still fires in order. */
    lostInTime: async () => {
      await sleep(timeoutMs);
      return lease.lost.aborted;
    },
    cancels,
    get beats() {
      return beats;
    },
  };
}

describe("a lease", () => {
  it("is held through heartbeats that fail", async () => {
    const sut = keep(
      (count) =>
        count % 2 === 0
          ? Promise.reject(new Error("Postgres is away"))
          : Promise.resolve(HELD),
      LONG_LEASE_MS,
    );
    const endedAt = () => performance.now() + sut.lease.remainingMs;
    const firstEnd = endedAt();
    await until(() => sut.beats >= 6, "three beats fail and three do not");
    expect(endedAt()).toBeGreaterThan(firstEnd + 100);
    sut.over.abort();
    await sut.kept;
    expect(sut.lease.isHeld).toBe(true);
  });

  it("is given up before it can be anybody else's when no heartbeat is confirmed", async () => {
    const sut = keep(() => Promise.reject(new Error("Postgres is away")));
    expect(await sut.lostInTime()).toBe(true);
    expect(await sut.kept).toBeGreaterThanOrEqual(590);
  });

  it("is not lengthened by an answer that comes late", async () => {
    const sut = keep(async () => {
      await sleep(700);
      return HELD;
    });
    await sut.kept;
    expect(sut.lease.lost.aborted).toBe(true);
    expect(sut.beats).toBe(1);
  });

  it("is asked for again at once when an answer took as long as an interval", async () => {
    const answered: number[] = [];
    const asked: number[] = [];
    const sut = keep(
      async () => {
        asked.push(performance.now());
        if (asked.length === 1) await sleep(1_000);
        answered.push(performance.now());
        return HELD;
      },
      LONG_LEASE_MS,
      1_000,
    );
    await until(() => asked.length === 2, "it is asked for twice");
    sut.over.abort();
    await sut.kept;
    expect((asked[1] ?? NaN) - (answered[0] ?? NaN)).toBeLessThan(900);
  });

  it("is given up in time when a heartbeat never answers", async () => {
    const sut = keep(() => new Promise(() => undefined));
    expect(await sut.lostInTime()).toBe(true);
  });

  it("is given up at once when it is refused", async () => {
    const sut = keep(() => Promise.resolve({ kind: "lost" }), LONG_LEASE_MS);
    await sut.kept;
    expect(sut.lease.lost.aborted).toBe(true);
    expect(sut.beats).toBe(1);
  });

  it("tells that a person wants the run cancelled", async () => {
    const sut = keep(() => Promise.resolve({ ...HELD, cancelRequested: true }));
    await until(() => sut.cancels.includes(true), "the wish is told");
    sut.over.abort();
    await sut.kept;
  });

  it("is confirmed no more once the work is over", async () => {
    const sut = keep(() => Promise.resolve(HELD));
    sut.over.abort();
    await sut.kept;
    expect(sut.beats).toBe(0);
  });

  it("is not held by a process that stood still, which has not heard of its loss yet", async () => {
    const sut = keep(() => Promise.resolve(HELD));
    const standsStillUntil = performance.now() + 700;
    while (performance.now() < standsStillUntil);
    expect(sut.lease.lost.aborted).toBe(false);
    expect(sut.lease.isHeld).toBe(false);
    sut.over.abort();
    await sut.kept;
  });
});
