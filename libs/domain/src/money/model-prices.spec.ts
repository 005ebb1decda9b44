import { expect, test } from "@jest/globals";
import { estimateUsd, type ModelPrices } from "./model-prices.js";

const prices: ModelPrices = new Map([
  ["large", { input: 10, output: 40, cacheRead: 1, cacheWrite: 12 }],
  ["*", { input: 1, output: 4, cacheRead: 1, cacheWrite: 1 }],
]);
const usage = {
  inputTokens: 100_000,
  outputTokens: 50_000,
  cacheReadTokens: 2_000_000,
  cacheWriteTokens: 10_000,
};

test("each kind of token has its price for a million", () => {
  expect(estimateUsd(prices, ["Large"], usage)).toBeCloseTo(
    1 + 2 + 2 + 0.12,
    10,
  );
});

test("the first name with a price counts, then what is set for all others", () => {
  expect(estimateUsd(prices, [null, undefined, "large"], usage)).toBeCloseTo(
    5.12,
    10,
  );
  expect(estimateUsd(prices, ["small", null], usage)).toBeCloseTo(2.31, 10);
});

test("without a price nobody guesses one", () => {
  expect(estimateUsd(new Map(), ["large"], usage)).toBeNull();
});
