import { expect, it } from "@jest/globals";
import type { Usage } from "../run/phase-result.js";
import { unsettled } from "./unsettled.js";

const usage: Usage = {
  inputTokens: 90,
  outputTokens: 10,
  cacheReadTokens: 5,
  cacheWriteTokens: 2,
  costUsd: 0.6,
};

it.each([
  ["nothing was charged", { usd: 0, tokens: 0 }, usage],
  [
    "a part was charged",
    { usd: 0.4, tokens: 30 },
    { ...usage, inputTokens: 60, costUsd: 0.2 },
  ],
  [
    "all that went in was charged",
    { usd: 0.5, tokens: 95 },
    { ...usage, inputTokens: 0, outputTokens: 5, costUsd: 0.1 },
  ],
  ["all was charged", { usd: 0.6, tokens: 100 }, null],
  ["more was charged", { usd: 0.9, tokens: 140 }, null],
  [
    "all was charged, rounded as the ledger does",
    { usd: 0.6000004, tokens: 100 },
    null,
  ],
])("when %s, the rest is left", (_name, settled, rest) => {
  expect(unsettled(usage, settled)).toEqual(rest);
});

it("a price that nobody named stays unknown", () => {
  const unpriced = { ...usage, costUsd: null };
  expect(unsettled(unpriced, { usd: 0, tokens: 40 })).toEqual({
    ...unpriced,
    inputTokens: 50,
  });
  expect(unsettled(null, { usd: 1, tokens: 1 })).toBeNull();
});
