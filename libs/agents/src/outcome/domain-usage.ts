import { MAX_REPORTED_USD, type AgentUsage } from "@pullwright/contracts";
import type { Usage } from "@pullwright/domain";

/** A turn's reports add up to less than what the database holds, however many they are. */
const MAX_REPORTED_TOKENS = 1_000_000_000_000;

/**
 * The domain's usage; null when the agent reported none, as when it was killed. Of a report beyond belief so much counts as is
 * the end of every budget, and can still be kept.
 */
export function toDomainUsage(usage: AgentUsage): Usage;
export function toDomainUsage(usage: AgentUsage | null): Usage | null;
export function toDomainUsage(usage: AgentUsage | null): Usage | null {
  if (usage === null) return null;
  return {
    inputTokens: believable(usage.input_tokens),
    outputTokens: believable(usage.output_tokens),
    cacheReadTokens: believable(usage.cache_read_tokens),
    cacheWriteTokens: believable(usage.cache_write_tokens),
    costUsd:
      usage.cost_usd === null
        ? null
        : Math.min(usage.cost_usd, MAX_REPORTED_USD),
  };
}

const believable = (tokens: number): number =>
  Math.min(tokens, MAX_REPORTED_TOKENS);
