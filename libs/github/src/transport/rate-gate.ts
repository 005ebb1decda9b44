import { GitHubError, type RateLimit } from "../error/github-error.js";
import {
  readRateLimit,
  resetMs,
  type AnswerHeaders,
} from "../error/rate-limit.js";

/** What GitHub last said of one account's quota. */
export interface QuotaReading {
  /** Whose: `token`, `app` or `installation:<id>`; GraphQL has its own quota. */
  readonly account: string;
  readonly limit: number;
  readonly remaining: number;
  readonly resetAt: Date;
  /** Set while requests are refused here without asking GitHub. */
  readonly pausedUntil: Date | undefined;
}

/**
 * Remembers what GitHub says of its limits and refuses requests that it would only refuse again.
 *
 * Requests during a pause make a secondary limit longer and can get an integration banned.
 */
export class RateGate {
  private readonly readings = new Map<
    string,
    Omit<QuotaReading, "account" | "pausedUntil">
  >();
  private readonly pauses = new Map<string, RateLimit>();

  constructor(private readonly now: () => number) {}

  /** Throws `rate_limited` while the account is to be silent. */
  check(account: string): void {
    const pause = this.pauseOf(account);
    if (!pause) return;
    throw new GitHubError(
      "rate_limited",
      `GitHub's ${pause.kind} rate limit lasts until ${pause.resumeAt.toISOString()}`,
      { rateLimit: pause },
    );
  }

  /** Learns from an answer; true when it was a refusal for a limit. */
  observe(
    account: string,
    answer: {
      readonly status: number;
      readonly headers: AnswerHeaders;
      readonly data: unknown;
    },
  ): boolean {
    const limit = Number(answer.headers["x-ratelimit-limit"]);
    const remaining = Number(answer.headers["x-ratelimit-remaining"]);
    if (Number.isSafeInteger(limit) && Number.isSafeInteger(remaining)) {
      const resetAt = new Date(resetMs(answer.headers, this.now()));
      this.readings.set(account, { limit, remaining, resetAt });
    }
    const rateLimit = readRateLimit(answer, this.now());
    if (rateLimit) this.pauses.set(account, rateLimit);
    return rateLimit !== undefined;
  }

  /** Keeps the account silent until then. */
  pause(account: string, rateLimit: RateLimit): void {
    this.pauses.set(account, rateLimit);
  }

  quota(): QuotaReading[] {
    return [...this.readings].map(([account, reading]) => ({
      account,
      ...reading,
      pausedUntil: this.pauseOf(account)?.resumeAt,
    }));
  }

  private pauseOf(account: string): RateLimit | undefined {
    const pause = this.pauses.get(account);
    if (!pause) return undefined;
    if (pause.resumeAt.getTime() > this.now()) return pause;
    this.pauses.delete(account);
    return undefined;
  }
}
