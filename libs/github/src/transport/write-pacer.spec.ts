import { expect, test } from "@jest/globals";
import type { RequestClass } from "../quota/request-class.js";
import { defaultWritePace } from "../quota/write-pace.js";
import { WritePacer } from "./write-pacer.js";

/** How long after a write another process that waits has the turn for itself. */
async function yieldedMs(
  requestClass: RequestClass,
  isWanted: boolean,
): Promise<number> {
  const givenBackMs: number[] = [];
  const askedMs: number[] = [];
  const pacer = new WritePacer(defaultWritePace, Date.now, () => {
    askedMs.push(performance.now());
    return Promise.resolve({
      kind: "taken",
      giveBack: () => {
        givenBackMs.push(performance.now());
        return Promise.resolve(isWanted);
      },
    });
  });
  for (let nth = 0; nth < 2; nth += 1)
    await pacer.run(requestClass, () => Promise.resolve());
  return (askedMs[1] ?? 0) - (givenBackMs[0] ?? 0);
}

test("who has just written asks again after those who wait, the less urgent the later", async () => {
  const told = await yieldedMs("status", true);
  expect(told).toBeGreaterThan(80); // By then they have asked.
  expect(await yieldedMs("discovery", true)).toBeGreaterThan(160);
  expect(await yieldedMs("control", true)).toBeGreaterThan(20);
});

test("who writes alone does not wait", async () => {
  const tries: number[] = [];
  for (let nth = 0; nth < 3; nth += 1)
    tries.push(await yieldedMs("discovery", false));
  // The best of them: a busy machine may hold up one, and a pacer that waits holds up all.
  expect(Math.min(...tries)).toBeLessThan(100);
});

test("a turn that is too far ahead is refused at once, with the moment to come back", async () => {
  const pacer = new WritePacer(defaultWritePace, Date.now, () =>
    Promise.resolve({ kind: "later", inMs: 60_000 }),
  );
  const startedMs = Date.now();
  const error: unknown = await pacer
    .run("status", () => Promise.resolve())
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ fault: "rate_limited" });
  const { resumeAt } = (error as { rateLimit: { resumeAt: Date } }).rateLimit; // A limit has one.
  expect(resumeAt.getTime() - startedMs).toBeGreaterThanOrEqual(60_000);
  expect(Date.now() - startedMs).toBeLessThan(30_000);
});
