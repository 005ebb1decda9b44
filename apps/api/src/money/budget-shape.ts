import type { BudgetShape, RunBudgetShape } from "@pullwright/contracts";
import { leftOf } from "@pullwright/domain";
import type { RunBudget, StoredBudget } from "@pullwright/persistence";

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

/** What is left of a limit for one run. */
export function runBudgetShape(use: RunBudget): RunBudgetShape {
  const { scope, budget, of, spent, reserved } = use;
  const left = leftOf(use);
  return {
    scope,
    key: of,
    limit_usd: budget.limitUsd,
    limit_tokens: budget.limitTokens,
    spent_usd: spent.usd,
    spent_tokens: spent.tokens,
    reserved_usd: reserved.usd,
    reserved_tokens: reserved.tokens,
    remaining_usd: left.usd,
    remaining_tokens: left.tokens,
  };
}
