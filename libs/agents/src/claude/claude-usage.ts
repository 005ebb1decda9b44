import type { AgentUsage } from "@pullwright/contracts";
import { JsonView } from "../stream/json-view.js";
import { addUsage, noUsage } from "../stream/usage.js";

/** `usage` of a message, or of a result that has no `modelUsage`. Its input tokens exclude the cached ones. */
export function messageUsage(usage: JsonView): AgentUsage {
  return {
    input_tokens: usage.count("input_tokens"),
    output_tokens: usage.count("output_tokens"),
    cache_read_tokens: usage.count("cache_read_input_tokens"),
    cache_write_tokens: usage.count("cache_creation_input_tokens"),
    cost_usd: null,
  };
}

/** The whole run's usage. `modelUsage` is right even where `usage` was all zero, as in a stop at the budget. */
export function resultUsage(result: JsonView): AgentUsage {
  const perModel = Object.values(result.view("modelUsage").fields).map(
    (fields) => modelUsage(JsonView.of(fields)),
  );
  if (perModel.length > 0) return perModel.reduce(addUsage, noUsage);
  return {
    ...messageUsage(result.view("usage")),
    cost_usd: cost(result.number("total_cost_usd")),
  };
}

function modelUsage(model: JsonView): AgentUsage {
  return {
    input_tokens: model.count("inputTokens"),
    output_tokens: model.count("outputTokens"),
    cache_read_tokens: model.count("cacheReadInputTokens"),
    cache_write_tokens: model.count("cacheCreationInputTokens"),
    cost_usd: cost(model.number("costUSD")),
  };
}

function cost(usd: number | undefined): number | null {
  return usd === undefined || usd < 0 ? null : usd;
}
