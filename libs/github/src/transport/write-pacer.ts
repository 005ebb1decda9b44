import { sleep } from "@pullwright/platform";
import { GitHubError } from "../error/github-error.js";

/** How fast writes may follow each other. */
export interface WritePace {
  /** Writes that need not wait, after a quiet time. */
  readonly burst: number;
  /** One more write per this time. */
  readonly refillMs: number;
  /** Longest wait for a turn; beyond it the write is refused with the moment to come back. */
  readonly maxWaitMs: number;
}

/**
 * GitHub asks for a second between many writes, that writes of one account go one after another, and for at most 80 that
 * make content in a minute: 20 at once and 60 that follow.
 */
export const defaultWritePace: WritePace = {
  burst: 20,
  refillMs: 1_000,
  maxWaitMs: 15_000,
};

/** The turn that all processes of the credentials give each other: a wait, too far ahead (null), or not known now. */
export type SharedTurn = (
  credential: string,
  pace: WritePace,
) => Promise<number | null | undefined>;

/** What GitHub asks for once an account has met the secondary limit. */
const CAREFUL_SPACING_MS = 1000;
const CAREFUL_FOR_MS = 10 * 60_000;

/** Sends writes one at a time and not too fast; a queue here is short, the patient one is the domain's. */
export class WritePacer {
  private tail: Promise<void> = Promise.resolve();
  private waiting = 0;
  private tokens: number;
  private refilledAt: number;
  private lastAt = 0;
  private carefulUntil = 0;

  constructor(
    private readonly pace: WritePace,
    private readonly now: () => number,
    private readonly sharedTurn: SharedTurn = () => Promise.resolve(undefined),
  ) {
    this.tokens = pace.burst;
    this.refilledAt = now();
  }

  /** Runs the write when its turn comes. */
  async run<T>(credential: string, write: () => Promise<T>): Promise<T> {
    const expectedMs = this.waiting * this.spacingMs() + this.delayMs();
    if (expectedMs > this.pace.maxWaitMs) throw this.tooMany(expectedMs);
    this.waiting += 1;
    const before = this.tail;
    let done = () => {}; // Replaced at once, by the promise's constructor.
    this.tail = new Promise((resolve) => {
      done = resolve;
    });
    const deadline = this.now() + this.pace.maxWaitMs;
    try {
      await before;
      // Those before may have been slow: GitHub is ill, and whoever asked has a lease to think of.
      if (this.now() > deadline) throw this.tooMany(this.pace.refillMs);
      const sharedMs = await this.sharedTurn(credential, this.pace);
      if (sharedMs === null) throw this.tooMany(this.pace.maxWaitMs);
      await sleep(Math.max(this.delayMs(), sharedMs ?? 0));
      this.take();
      return await write();
    } finally {
      this.waiting -= 1;
      done();
    }
  }

  /** Slows down: the secondary limit was met. */
  beCareful(): void {
    this.carefulUntil = this.now() + CAREFUL_FOR_MS;
    this.tokens = 0;
    this.refilledAt = this.now();
  }

  private isCareful(): boolean {
    return this.now() < this.carefulUntil;
  }

  private spacingMs(): number {
    if (this.isCareful())
      return Math.max(CAREFUL_SPACING_MS, this.pace.refillMs);
    return this.tokens >= 1 ? 0 : this.pace.refillMs;
  }

  private delayMs(): number {
    this.refill();
    if (this.isCareful())
      return Math.max(0, this.lastAt + this.spacingMs() - this.now());
    return this.tokens >= 1
      ? 0
      : Math.ceil((1 - this.tokens) * this.pace.refillMs);
  }

  private refill(): void {
    const gained = (this.now() - this.refilledAt) / this.pace.refillMs;
    this.tokens = Math.min(this.pace.burst, this.tokens + gained);
    this.refilledAt = this.now();
  }

  private take(): void {
    this.refill();
    this.tokens = Math.max(0, this.tokens - 1);
    this.lastAt = this.now();
  }

  private tooMany(waitMs: number): GitHubError {
    const resumeAt = new Date(this.now() + waitMs);
    return new GitHubError(
      "rate_limited",
      `${this.waiting.toString()} writes to GitHub are waiting already`,
      { rateLimit: { kind: "secondary", resumeAt } },
    );
  }
}
