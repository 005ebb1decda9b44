import type { Usage } from "@pullwright/domain";

/** What two turns of one phase took together. */
export function addUsage(a: Usage | null, b: Usage | null): Usage | null {
  if (a === null || b === null) return a ?? b;
  return {
    inputTokens: a.inputTokens + b.inputTokens,
    outputTokens: a.outputTokens + b.outputTokens,
    cacheReadTokens: a.cacheReadTokens + b.cacheReadTokens,
    cacheWriteTokens: a.cacheWriteTokens + b.cacheWriteTokens,
    costUsd:
      a.costUsd === null && b.costUsd === null
        ? null
        : (a.costUsd ?? 0) + (b.costUsd ?? 0),
  };
}
