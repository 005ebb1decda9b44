/** How a request goes wrong. */
export type FaultKind =
  /** Answered with `status` and nothing done; 5xx as an HTML page, as GitHub's front ends do. */
  | "status"
  /** The connection is cut and nothing done. */
  | "reset"
  /** Everything is done, then the connection is cut: the client cannot know. */
  | "reset_after_handling"
  /** Nothing happens for `stallMs`; after that the request is served if the client still waits. */
  | "stall"
  /** Everything is done, and half of the answer sent. */
  | "truncate"
  | "rate_limit_primary"
  | "rate_limit_secondary";

export interface Fault {
  readonly kind: FaultKind;
  /** Unset: every request. A string matches the path (query included) from its start, below `/api/v3` or the server's root. */
  readonly match?: {
    readonly method?: string;
    readonly path?: RegExp | string;
  };
  /** Of `status`: 500 when unset; of `rate_limit_secondary`: 403 (or 429; 200 as GraphQL may put it, in `errors`). */
  readonly status?: number;
  /** Of `status`: what is answered, as JSON; GitHub's own words when unset. */
  readonly body?: object;
  readonly retryAfterSeconds?: number;
  /** Of `rate_limit_secondary`: there is no `retry-after`, and only the text tells what it is. */
  readonly namesNoTime?: boolean;
  readonly stallMs?: number;
  /** How many requests it strikes; unset: all, until cleared. */
  readonly times?: number;
  /** From 0 to 1; 1 when unset. */
  readonly probability?: number;
}

/** The faults in force; the first that matches a request strikes it. */
export class Faults {
  #faults: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#faults.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#faults = [];
  }

  take(method: string, path: string): Fault | undefined {
    for (const entry of this.#faults) {
      const { fault, left } = entry;
      if (left <= 0 || !matches(fault, method, path)) continue;
      if (fault.probability !== undefined && Math.random() >= fault.probability)
        continue;
      entry.left -= 1;
      return fault;
    }
    return undefined;
  }
}

function matches({ match }: Fault, method: string, path: string): boolean {
  if (match?.method !== undefined && match.method.toUpperCase() !== method)
    return false;
  const below = path.replace(/^\/api\/v3(?=\/|$)/, "");
  if (match?.path === undefined) return true;
  return typeof match.path === "string"
    ? below.startsWith(match.path)
    : match.path.test(below);
}
