import { GitHubError, type RateLimit } from "../error/github-error.js";
import {
  readRateLimit,
  resetMs,
  type AnswerHeaders,
} from "../error/rate-limit.js";
import type {
  QuotaKey,
  QuotaView,
  QuotaWindow,
} from "../quota/quota-ledger.js";
import { reserves, type RequestClass } from "../quota/request-class.js";

/** What is known here of one quota. */
export interface QuotaReading extends QuotaKey, QuotaWindow {
  /** Set while requests are refused here without asking GitHub. */
  readonly pausedUntil: Date | undefined;
}

/** What an answer said of limits. */
export interface Observation {
  readonly window: QuotaWindow | undefined;
  /** Set when the answer was a refusal for a limit. */
  readonly rateLimit: RateLimit | undefined;
}

interface Known {
  readonly key: QuotaKey;
  window: QuotaWindow | undefined;
  pause: RateLimit | undefined;
}

/**
 * Remembers what GitHub says of its limits and refuses requests that it would only refuse again, or that would take
 * what is left from more urgent ones.
 *
 * Requests during a pause make a secondary limit longer and can get an integration banned.
 */
export class RateGate {
  private readonly known = new Map<string, Known>();

  constructor(private readonly now: () => number) {}

  /** Throws `rate_limited` while requests of this class are to stay away. */
  check(key: QuotaKey, requestClass: RequestClass): void {
    const pause = this.pauseOf(this.of(key));
    if (pause)
      throw new GitHubError(
        "rate_limited",
        `GitHub's ${pause.kind} rate limit lasts until ${pause.resumeAt.toISOString()}`,
        { rateLimit: pause },
      );
    const { window } = this.of(key);
    if (!window || window.resetAt.getTime() <= this.now()) return;
    if (window.remaining > window.limit * reserves[requestClass]) return;
    throw new GitHubError(
      "rate_limited",
      `${window.remaining.toString()} of ${window.limit.toString()} requests are left until ${window.resetAt.toISOString()}; ${requestClass} requests wait`,
      { rateLimit: { kind: "primary", resumeAt: window.resetAt } },
    );
  }

  /** Learns from an answer. */
  observe(
    key: QuotaKey,
    answer: {
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly data: unknown;
    },
  ): Observation {
    const known = this.of(key);
    const limit = Number(answer.headers["x-ratelimit-limit"]);
    const remaining = Number(answer.headers["x-ratelimit-remaining"]);
    const isTold =
      Number.isSafeInteger(limit) && Number.isSafeInteger(remaining);
    const window = isTold
      ? {
          limit,
          remaining,
          resetAt: new Date(resetMs(answer.headers, this.now())),
        }
      : undefined;
    if (window) known.window = window;
    const rateLimit = readRateLimit(answer, this.now());
    if (rateLimit) known.pause = rateLimit;
    return { window, rateLimit };
  }

  /** Takes over what other processes have learned. */
  learn(key: QuotaKey, { window, pause }: QuotaView): void {
    const known = this.of(key);
    if (window) known.window = window;
    if (!pause) return;
    const resumeAt = new Date(this.now() + pause.forMs);
    if (resumeAt.getTime() > (this.pauseOf(known)?.resumeAt.getTime() ?? 0))
      known.pause = { kind: pause.kind, resumeAt };
  }

  quota(): QuotaReading[] {
    return [...this.known.values()].flatMap((known) =>
      known.window
        ? [
            {
              ...known.key,
              ...known.window,
              pausedUntil: this.pauseOf(known)?.resumeAt,
            },
          ]
        : [],
    );
  }

  private of(key: QuotaKey): Known {
    const name = `${key.credential} ${key.resource}`;
    const found = this.known.get(name);
    if (found) return found;
    const known = { key, window: undefined, pause: undefined };
    this.known.set(name, known);
    return known;
  }

  private pauseOf(known: Known): RateLimit | undefined {
    if (known.pause && known.pause.resumeAt.getTime() <= this.now())
      known.pause = undefined;
    return known.pause;
  }
}
