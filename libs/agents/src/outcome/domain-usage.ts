import type { AgentUsage } from "@pullwright/contracts";
import type { Usage } from "@pullwright/domain";

/** The domain's usage; null when the agent reported none, as when it was killed. */
export function toDomainUsage(usage: AgentUsage | null): Usage | null {
  if (usage === null) return null;
  return {
    inputTokens: usage.input_tokens,
    outputTokens: usage.output_tokens,
    cacheReadTokens: usage.cache_read_tokens,
    cacheWriteTokens: usage.cache_write_tokens,
    costUsd: usage.cost_usd,
  };
}
