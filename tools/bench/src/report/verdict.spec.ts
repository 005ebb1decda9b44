import { expect, test } from "@jest/globals";
import type { Row } from "../bench.js";
import { verdictOf } from "./verdict.js";

const row = (ratio: number | null, target: Row["target"], ours = 1): Row => ({
  what: "it",
  against: null,
  ours,
  unit: "ms",
  ratio,
  target,
});

test("a ratio that should be large", () => {
  expect(verdictOf(row(0.85, { ratioAtLeast: 0.85 }))).toBe("met");
  expect(verdictOf(row(0.8497, { ratioAtLeast: 0.85 }))).toBe("missed");
  expect(verdictOf(row(0.5, { ratioAtLeast: 0.85 }))).toBe("missed");
  expect(verdictOf(row(0.21, { ratioAtLeast: 0.85 }))).toBe("gross");
});

test("a ratio that should be small", () => {
  expect(verdictOf(row(0.2, { ratioAtMost: 0.2 }))).toBe("met");
  expect(verdictOf(row(0.39, { ratioAtMost: 0.2 }))).toBe("missed");
  expect(verdictOf(row(0.81, { ratioAtMost: 0.2 }))).toBe("gross");
});

test("a bound for a time is missed grossly by far alone, since a busy machine misses it, too", () => {
  expect(verdictOf(row(null, { valueAtMost: 50 }, 50))).toBe("met");
  expect(verdictOf(row(null, { valueAtMost: 50 }, 51))).toBe("missed");
  expect(verdictOf(row(null, { valueAtMost: 50 }, 500))).toBe("missed");
  expect(verdictOf(row(null, { valueAtMost: 50 }, 501))).toBe("gross");
});

test("a bound for a count is kept, or broken grossly: no machine changes it", () => {
  expect(verdictOf(row(null, { countAtMost: 5_000 }, 5_000))).toBe("met");
  expect(verdictOf(row(null, { countAtMost: 5_000 }, 5_001))).toBe("gross");
});

test("without a target it informs, and what could not be computed is no success", () => {
  expect(verdictOf(row(9, null))).toBe("for information");
  expect(verdictOf(row(null, { ratioAtLeast: 1 }))).toBe("gross");
  expect(verdictOf(row(null, { valueAtMost: 1 }, Number.NaN))).toBe("gross");
});
