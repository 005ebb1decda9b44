import type { BudgetShape } from "@pullwright/contracts";
import type { StoredBudget } from "@pullwright/persistence";

/** A budget as the API shows it. */
export function budgetShape({ use, ...budget }: StoredBudget): BudgetShape {
  return {
    scope: budget.scope,
    key: budget.key,
    repository: budget.repository,
    limit_usd: budget.limitUsd,
    limit_tokens: budget.limitTokens,
    spent_usd: use?.spent.usd ?? null,
    spent_tokens: use?.spent.tokens ?? null,
    reserved_usd: use?.reserved.usd ?? null,
    reserved_tokens: use?.reserved.tokens ?? null,
    created_by: budget.createdBy,
    updated_at: budget.updatedAt.toISOString(),
  };
}
