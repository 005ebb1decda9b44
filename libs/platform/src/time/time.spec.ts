import { describe, expect, test } from "@jest/globals";
import { backoffMs } from "./backoff.js";
import { Deadline } from "./deadline.js";
import { sleep } from "./sleep.js";
import { TimeoutError, withTimeout } from "./with-timeout.js";

describe("withTimeout", () => {
  test("gives what the work gives, or its error", async () => {
    expect(await withTimeout(Promise.resolve(7), 1_000, "It")).toBe(7);
    await expect(
      withTimeout(Promise.reject(new Error("no")), 1_000, "It"),
    ).rejects.toThrow("no");
  });

  test("names what took too long", async () => {
    const late = withTimeout(new Promise(() => undefined), 10, "Ringing");
    await expect(late).rejects.toThrow(TimeoutError);
    await expect(late).rejects.toMatchObject({
      code: "timeout",
      message: "Ringing took longer than 10 ms",
    });
  });

  test("leaves no unhandled rejection when the work fails after its time", async () => {
    const unhandled: unknown[] = [];
    const remember = (reason: unknown) => unhandled.push(reason);
    process.on("unhandledRejection", remember);
    const work = sleep(30).then(() => Promise.reject(new Error("late")));
    await expect(withTimeout(work, 5, "It")).rejects.toThrow(TimeoutError);
    await sleep(60);
    process.off("unhandledRejection", remember);
    expect(unhandled).toEqual([]);
  });
});

test("sleep ends early and quietly when its signal aborts", async () => {
  const startedAt = performance.now();
  await sleep(60_000, AbortSignal.timeout(20));
  await sleep(60_000, AbortSignal.abort());
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test("a deadline counts down and never below zero", async () => {
  const deadline = Deadline.after(20);
  expect(deadline.passed).toBe(false);
  expect(deadline.remainingMs).toBeLessThanOrEqual(20);
  await sleep(40);
  expect([deadline.remainingMs, deadline.passed]).toEqual([0, true]);
});

describe("backoff", () => {
  const waits = (random: () => number) =>
    [1, 2, 3, 10, 5_000].map((failures) =>
      backoffMs(failures, { baseMs: 100, maxMs: 1_000, random }),
    );

  test("doubles up to its cap", () => {
    expect(waits(() => 1)).toEqual([100, 200, 400, 1_000, 1_000]);
  });

  test("leaves half to chance", () => {
    expect(waits(() => 0)).toEqual([50, 100, 200, 500, 500]);
  });
});
