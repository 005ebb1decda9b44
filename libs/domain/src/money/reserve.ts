import {
  budgetName,
  dollars,
  type Amount,
  type Budget,
  type BudgetUse,
} from "./budget.js";

/** What an attempt may take at most; null where nothing limits it. */
export interface Room {
  readonly usd: number | null;
  readonly tokens: number | null;
}

/** The budget that stands in a phase's way. */
export interface BudgetBreach {
  readonly budgetId: string;
  /** One sentence for people, with the sums. */
  readonly message: string;
}

export type Reservation =
  | {
      readonly kind: "reserved";
      /** Taken out of every budget until the attempt's end is known. */
      readonly amount: Amount;
      readonly room: Room;
    }
  | { readonly kind: "refused"; readonly breach: BudgetBreach };

/** An attempt that passed what it reserved asks for half as much again. */
const GROWTH = 1.5;

/**
 * Reserves what a phase is expected to take. It must fit into every budget; one that is smaller than the phase's
 * expectation is asked for no more than its whole limit, so that it allows at least one phase.
 */
export function reserve(
  uses: readonly BudgetUse[],
  expected: Amount,
): Reservation {
  const wanted: Amount = {
    usd: least(
      expected.usd,
      uses.map(({ budget }) => budget.limitUsd),
    ),
    tokens: least(
      expected.tokens,
      uses.map(({ budget }) => budget.limitTokens),
    ),
  };
  const tight = uses.find(
    (use) =>
      isTight(leftOf(use).usd, wanted.usd) ||
      isTight(leftOf(use).tokens, wanted.tokens),
  );
  return tight === undefined
    ? { kind: "reserved", amount: wanted, room: roomOf(uses) }
    : { kind: "refused", breach: breachOf(tight, expected) };
}

/**
 * Lets the reservation of an attempt grow with what it has taken so far; `uses` count everybody else. Refused once it has
 * taken more than the others leave.
 */
export function extend(
  uses: readonly BudgetUse[],
  held: Amount,
  taken: Amount,
): Reservation {
  const tight = uses.find(
    (use) =>
      isPassed(leftOf(use).usd, taken.usd) ||
      isPassed(leftOf(use).tokens, taken.tokens),
  );
  if (tight !== undefined)
    return { kind: "refused", breach: breachOf(tight, taken) };
  const room = roomOf(uses);
  const amount = {
    usd: cut(grown(held.usd, taken.usd, room.usd)),
    tokens: Math.floor(grown(held.tokens, taken.tokens, room.tokens)),
  };
  return { kind: "reserved", amount, room };
}

function grown(held: number, taken: number, room: number | null): number {
  if (taken < held) return held;
  return Math.max(held, Math.min(taken * GROWTH, room ?? Infinity));
}

/** True when nothing is left, or less than is wanted. */
function isTight(left: number | null, wanted: number): boolean {
  return left !== null && (left <= 0 || wanted > left);
}

function isPassed(left: number | null, taken: number): boolean {
  return left !== null && taken > left;
}

/** What a budget still has; null in what it does not limit. */
export function leftOf({ budget, spent, reserved }: BudgetUse): Room {
  const { limitUsd, limitTokens } = budget;
  return {
    // Sums of decimal fractions: less than a ten-thousandth of a cent is no difference.
    usd: limitUsd === null ? null : cut(limitUsd - spent.usd - reserved.usd),
    tokens:
      limitTokens === null
        ? null
        : limitTokens - spent.tokens - reserved.tokens,
  };
}

const cut = (usd: number): number => Math.round(usd * 1e6) / 1e6;

function roomOf(uses: readonly BudgetUse[]): Room {
  const left = uses.map(leftOf);
  const usd = least(
    Infinity,
    left.map((room) => room.usd),
  );
  const tokens = least(
    Infinity,
    left.map((room) => room.tokens),
  );
  return {
    usd: usd === Infinity ? null : usd,
    tokens: tokens === Infinity ? null : tokens,
  };
}

function least(amount: number, limits: readonly (number | null)[]): number {
  return Math.min(amount, ...limits.filter((limit) => limit !== null));
}

function breachOf(
  { budget, spent, reserved }: BudgetUse,
  wanted: Amount,
): BudgetBreach {
  return {
    budgetId: budget.id,
    message: `The budget of ${limitText(budget)} for ${budgetName(budget)} has no room: ${amountText(budget, spent)} spent, ${amountText(budget, reserved)} reserved by what runs, ${amountText(budget, wanted)} wanted. The run goes on by itself once there is room, such as when ${wayOut(budget)}.`,
  };
}

/** What a person may do about it, where they can do it. */
function wayOut({ origin, scope }: Budget): string {
  const raised = `${raisable[origin](scope)} is raised`;
  return scope === "day" ? `${raised} or the day is over (UTC)` : raised;
}

const raisable: Readonly<
  Record<Budget["origin"], (scope: Budget["scope"]) => string>
> = {
  person: () => "the budget",
  policy: (scope) => `max_${scope}_usd of the repository's policy`,
  configuration: () => "MAX_DAY_USD",
};

function limitText({ limitUsd, limitTokens }: Budget): string {
  return [
    ...(limitUsd === null ? [] : [dollars(limitUsd)]),
    ...(limitTokens === null ? [] : [`${limitTokens.toString()} tokens`]),
  ].join(" and ");
}

/** In what the budget limits. */
function amountText(
  { limitUsd, limitTokens }: Budget,
  { usd, tokens }: Amount,
): string {
  return [
    ...(limitUsd === null ? [] : [dollars(usd)]),
    ...(limitTokens === null ? [] : [`${tokens.toString()} tokens`]),
  ].join(" and ");
}
