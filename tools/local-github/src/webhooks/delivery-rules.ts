/** What to do to deliveries instead of sending each once, in order, at once. */
export interface DeliveryRule {
  /**
   * `drop`: never sent, and logged as failed; `lose`: never sent and not even logged; `double`: sent twice with the same
   * GUID; `delay`: sent after `delayMs`; `reorder`: kept until `count` have gathered, then sent last first; `hold`: kept
   * until `release()`.
   */
  readonly kind: "drop" | "lose" | "double" | "delay" | "reorder" | "hold";
  readonly match?: {
    readonly event?: string;
    readonly action?: string;
    readonly hookId?: number;
  };
  /** How many deliveries the rule applies to; unset: all, until cleared. */
  readonly times?: number;
  readonly delayMs?: number;
  /** Of `reorder`; 2 when unset. */
  readonly count?: number;
}

interface Candidate {
  readonly hookId: number;
  readonly event: string;
  readonly action: string | null;
}

/** The rules in force; the first that matches a delivery applies. */
export class DeliveryRules {
  #rules: { readonly rule: DeliveryRule; left: number }[] = [];

  add(rule: DeliveryRule): void {
    this.#rules.push({ rule, left: rule.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#rules = [];
  }

  take(candidate: Candidate): DeliveryRule | undefined {
    const entry = this.#rules.find(
      ({ rule, left }) => left > 0 && matches(rule, candidate),
    );
    if (entry === undefined) return undefined;
    entry.left -= 1;
    return entry.rule;
  }
}

function matches({ match = {} }: DeliveryRule, candidate: Candidate): boolean {
  return (
    (match.event === undefined || match.event === candidate.event) &&
    (match.action === undefined || match.action === candidate.action) &&
    (match.hookId === undefined || match.hookId === candidate.hookId)
  );
}
