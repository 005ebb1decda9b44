import { expect, test } from "@jest/globals";
import { interleave } from "./rounds.js";

test("contenders take turns, and the order changes from round to round", async () => {
  const order: string[] = [];
  const taking = (name: string) => () => {
    order.push(name);
    return Promise.resolve(1);
  };
  await interleave(2, { floor: taking("floor"), ours: taking("ours") });
  expect(order).toEqual(["floor", "ours", "ours", "floor"]);
});

test("the ratio compares neighbours, so that a machine that slows down does not change it", async () => {
  const speeds = [100, 50, 10];
  let floorRound = 0;
  let oursRound = 0;
  const rounds = await interleave(3, {
    floor: () => Promise.resolve(speeds[floorRound++] ?? 0),
    ours: () => Promise.resolve((speeds[oursRound++] ?? 0) * 0.8),
  });
  expect(rounds.ratio("ours", "floor")).toBeCloseTo(0.8);
  expect(rounds.value("floor")).toBe(50);
});
