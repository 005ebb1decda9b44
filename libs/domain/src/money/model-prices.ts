import type { Usage } from "../run/phase-result.js";

/** What a model takes for a million tokens. US dollars. */
export interface ModelPrice {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
}

/** Prices by the model's name in lower case; by an agent's name for its default model; `*` for all that are not named. */
export type ModelPrices = ReadonlyMap<string, ModelPrice>;

const MILLION = 1_000_000;

/** What tokens cost by the first of the names that has a price; null when nobody set one. US dollars. */
export function estimateUsd(
  prices: ModelPrices,
  names: readonly (string | null | undefined)[],
  usage: Omit<Usage, "costUsd">,
): number | null {
  const price = [...names, "*"]
    .map((name) => prices.get(name?.toLowerCase() ?? ""))
    .find((found) => found !== undefined);
  if (price === undefined) return null;
  return (
    (usage.inputTokens * price.input +
      usage.outputTokens * price.output +
      usage.cacheReadTokens * price.cacheRead +
      usage.cacheWriteTokens * price.cacheWrite) /
    MILLION
  );
}
