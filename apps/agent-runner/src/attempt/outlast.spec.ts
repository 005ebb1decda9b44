import { describe, expect, it } from "@jest/globals";
import { DatabaseUnavailable } from "@pullwright/persistence";
import { Deadline } from "@pullwright/platform";
import { AttemptStopped } from "./attempt-end.js";
import { outlast } from "./outlast.js";

const LEASE_MS = 120_000;
const away = () => new DatabaseUnavailable(new Error("ECONNREFUSED"));

/** Postgres as seen by one who asks while it is away for a while. */
function asking({ awayFor = Infinity, leaseMs = LEASE_MS } = {}) {
  const isBack = Deadline.after(awayFor);
  const stop = new AbortController();
  const lease = { times: { intervalMs: 1_000, timeoutMs: leaseMs } };
  const tries: number[] = [];
  const answer = outlast({ lease, stop }, () => {
    tries.push(performance.now());
    return isBack.passed ? Promise.resolve("kept") : Promise.reject(away());
  });
  return { answer, tries, stop };
}

it("asks again until Postgres is back", async () => {
  const { answer, tries } = asking({ awayFor: 700 });
  expect(await answer).toBe("kept");
  expect(tries.length).toBeGreaterThan(1);
});

describe("gives up", () => {
  it("at once when the attempt is told to stop", async () => {
    const { answer, stop } = asking();
    stop.abort(new AttemptStopped("cancelled"));
    await expect(answer).rejects.toThrow(DatabaseUnavailable);
  });

  it("after as long as the lease lasts", async () => {
    const { answer, tries } = asking({ leaseMs: 400 });
    await expect(answer).rejects.toThrow(DatabaseUnavailable);
    expect(tries).toHaveLength(2);
  });

  it("on anything else", async () => {
    let tries = 0;
    const asked = outlast(
      {
        lease: { times: { intervalMs: 1, timeoutMs: LEASE_MS } },
        stop: new AbortController(),
      },
      () => {
        tries += 1;
        return Promise.reject(new Error("no such column"));
      },
    );
    await expect(asked).rejects.toThrow("no such column");
    expect(tries).toBe(1);
  });
});
