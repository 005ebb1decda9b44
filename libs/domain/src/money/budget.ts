/** What a budget counts together, from the narrowest to the widest; of a phase and of an agent what they take in one execution. */
export const budgetScopes = [
  "phase",
  "agent",
  "execution",
  "run",
  "work_item",
  "label",
  "repository",
  "day",
] as const;
export type BudgetScope = (typeof budgetScopes)[number];

/** The scopes of what a run takes itself, or its work item. */
export const runBudgetScopes = [
  "phase",
  "agent",
  "execution",
  "run",
  "work_item",
] as const satisfies readonly BudgetScope[];
export type RunBudgetScope = (typeof runBudgetScopes)[number];

/** Stands for every key of a scope: each of them has the limit for itself. */
export const EVERY_KEY = "*";

/** Who asks for a budget: a person, the policy of its repository, or a setting of the installation. */
export type BudgetOrigin = "person" | "policy" | "configuration";

/** A limit on money or tokens that runs may share. Every budget that matches a phase applies to it. */
export interface Budget {
  readonly id: string;
  readonly scope: BudgetScope;
  /** A phase's or an agent's name, an `adw_id`, an issue's number or a label; `*` for each of its scope. */
  readonly key: string;
  /** `owner/name` when it counts this repository alone. */
  readonly repository: string | null;
  readonly origin: BudgetOrigin;
  readonly limitUsd: number | null;
  readonly limitTokens: number | null;
}

/** US dollars and tokens. */
export interface Amount {
  readonly usd: number;
  readonly tokens: number;
}

/** What is gone of a budget: spent for good, and promised to attempts that run. */
export interface BudgetUse {
  readonly budget: Budget;
  readonly spent: Amount;
  readonly reserved: Amount;
}

/** The budget in words, such as `the label urgent of acme/shop`. */
export function budgetName({ scope, key, repository }: Budget): string {
  const word = scope.replace("_", " ");
  const name = key === EVERY_KEY ? `each ${word}` : `the ${word} ${key}`;
  return repository === null ? name : `${name} of ${repository}`;
}

/** Money for people, to the cent. */
export function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
