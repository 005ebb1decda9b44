/** What must hold after every fault; the numbers are those of the plan of the suite. */
export const rules = {
  O1: "every delivery that was answered with 2xx has a row",
  O2: "every run ends, or waits with a deadline, and nothing stays undone",
  O3: "a phase has at most one committed result",
  O4: "a run has at most one branch, one pull request and one status comment, and its issue the right label",
  O5: "no process, checkout or lease is left without an owner",
  O6: "nothing that a stale fence wrote stands on GitHub",
  O7: "the fault can be seen",
  O8: "no secret stands in a log",
} as const;

export type Rule = keyof typeof rules;

/** Something that must not be, with what shows it. */
export interface Violation {
  readonly rule: Rule;
  readonly what: string;
  readonly evidence: unknown;
}

/** One violation for each item that should not be there. */
export function violationsOf<T>(
  rule: Rule,
  items: readonly T[],
  what: (item: T) => string,
): Violation[] {
  return items.map((item) => ({ rule, what: what(item), evidence: item }));
}
