import { expect, test } from "@jest/globals";
import { median, percentile } from "./statistics.js";

test("the median is the middle, or the mean of both middles", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test("a percentile lies between its neighbours", () => {
  const values = Array.from({ length: 101 }, (_, index) => index);
  expect(percentile(values, 99)).toBe(99);
  expect(percentile([10, 20], 75)).toBe(17.5);
});

test("of nothing there is none", () => {
  expect(() => median([])).toThrow("no percentile of nothing");
});
