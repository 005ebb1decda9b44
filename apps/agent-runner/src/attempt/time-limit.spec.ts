import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "@jest/globals";
import { TimeLimit } from "./time-limit.js";

it("the time of an attempt begins with its first work, and all its work shares it", async () => {
  const sut = new TimeLimit(400);
  await sleep(300);
  expect(sut.remainingMs).toBeGreaterThan(350);
  await sleep(200);
  expect(sut.remainingMs).toBeLessThan(250);
  await sleep(250);
  expect(sut.remainingMs).toBe(0);
});
