import type { AgentUsage } from "@pullwright/contracts";

export const noUsage: AgentUsage = {
  input_tokens: 0,
  output_tokens: 0,
  cache_read_tokens: 0,
  cache_write_tokens: 0,
  cost_usd: null,
};

/** Adds two reports. The cost is known only as far as somebody reported one. */
export function addUsage(a: AgentUsage, b: AgentUsage): AgentUsage {
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cache_read_tokens: a.cache_read_tokens + b.cache_read_tokens,
    cache_write_tokens: a.cache_write_tokens + b.cache_write_tokens,
    cost_usd:
      a.cost_usd === null && b.cost_usd === null
        ? null
        : (a.cost_usd ?? 0) + (b.cost_usd ?? 0),
  };
}

/** What `total` adds to `before`; never negative, should a CLI start to count anew. */
export function subtractUsage(
  total: AgentUsage,
  before: AgentUsage,
): AgentUsage {
  const less = (a: number, b: number) => Math.max(0, a - b);
  return {
    input_tokens: less(total.input_tokens, before.input_tokens),
    output_tokens: less(total.output_tokens, before.output_tokens),
    cache_read_tokens: less(total.cache_read_tokens, before.cache_read_tokens),
    cache_write_tokens: less(
      total.cache_write_tokens,
      before.cache_write_tokens,
    ),
    cost_usd:
      total.cost_usd === null
        ? null
        : less(total.cost_usd, before.cost_usd ?? 0),
  };
}
