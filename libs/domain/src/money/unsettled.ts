import type { Usage } from "../run/phase-result.js";
import type { Amount } from "./budget.js";

/** The ledger's smallest part of a dollar. */
const PARTS = 1_000_000;

/**
 * What of a usage is still to be charged once so much of it was; null when nothing is. Of the tokens only their sum was
 * charged: those that went in count as charged first.
 */
export function unsettled(usage: Usage | null, settled: Amount): Usage | null {
  if (usage === null) return null;
  const inputTokens = Math.max(0, usage.inputTokens - settled.tokens);
  const ofOutput = Math.max(0, settled.tokens - usage.inputTokens);
  const outputTokens = Math.max(0, usage.outputTokens - ofOutput);
  const parts = Math.round(((usage.costUsd ?? 0) - settled.usd) * PARTS);
  if (parts <= 0 && inputTokens + outputTokens === 0) return null;
  const costUsd = usage.costUsd === null ? null : Math.max(0, parts) / PARTS;
  return { ...usage, inputTokens, outputTokens, costUsd };
}
