import type { BudgetScope } from "./budget.js";

type Policy = Readonly<Record<string, unknown>>;

/** The fields of a repository's policy that limit what its runs share, each by a budget of its scope. US dollars. */
export const policyBudgets = {
  max_phase_usd: "phase",
  max_agent_usd: "agent",
  max_execution_usd: "execution",
  max_work_item_usd: "work_item",
  max_day_usd: "day",
} as const satisfies Readonly<Record<string, BudgetScope>>;

/** Every field of a repository's policy that limits money. */
export const policyMoneyFields: readonly string[] = [
  "max_run_usd",
  ...Object.keys(policyBudgets),
];

/** No limit of money is greater. US dollars. */
export const MAX_LIMIT_USD = 1_000_000;

/**
 * A run's own money: the installation's limit, narrowed by `max_run_usd` of the repository's policy; null without any.
 * What is malformed is no wish.
 */
export function runLimitUsd(
  { max_run_usd: wish }: Policy,
  installation: number | null,
): number | null {
  const isWish = typeof wish === "number" && wish >= 0 && wish <= MAX_LIMIT_USD;
  if (!isWish) return installation;
  return installation === null ? wish : Math.min(wish, installation);
}
