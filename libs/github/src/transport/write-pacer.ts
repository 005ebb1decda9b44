import { sleep } from "@pullwright/platform";
import { GitHubError } from "../error/github-error.js";
import { requestClasses, type RequestClass } from "../quota/request-class.js";
import type { WritePace } from "../quota/write-pace.js";
import { turnOfOne, type TakeTurn, type Turn } from "../quota/write-turn.js";

/** What GitHub asks for once an account has met the secondary limit. */
const CAREFUL_SPACING_MS = 1000;
const CAREFUL_FOR_MS = 10 * 60_000;

/**
 * The longest until a write asks again after another process had the turn. Who asks more often comes first, so this is
 * also the order of the classes between processes.
 */
const askAgainMs: Readonly<Record<RequestClass, number>> = {
  control: 20,
  status: 80,
  discovery: 160,
};
/** Longer than those who wait take to ask again: whoever has just written would be first every time. */
const YIELD_FACTOR = 1.5;

interface WaitingWrite {
  readonly requestClass: RequestClass;
  readonly deadlineMs: number;
  /** Never rejects: whoever asked hears of the end. */
  readonly send: () => Promise<void>;
  readonly refuse: (error: GitHubError) => void;
}

/**
 * Sends the writes of one credential one at a time and not too fast, the most urgent first. A queue here is short, the
 * patient one is the domain's.
 */
export class WritePacer {
  /** The most urgent first, and those of one class as they came. */
  private waiting: WaitingWrite[] = [];
  private isServing = false;
  private isSending = false;
  private tokens: number;
  private refilledAt: number;
  private lastAt = 0;
  private carefulUntil = 0;
  /** Since when a process that waits goes before this one. */
  private yieldsSince = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly pace: WritePace,
    private readonly now: () => number,
    private readonly takeTurn: TakeTurn = () => Promise.resolve(turnOfOne),
  ) {
    this.tokens = pace.burst;
    this.refilledAt = now();
  }

  /** Runs the write when its turn comes. */
  async run<T>(
    requestClass: RequestClass,
    write: () => Promise<T>,
  ): Promise<T> {
    const urgency = requestClasses.indexOf(requestClass);
    const place = this.waiting.filter(
      (other) => requestClasses.indexOf(other.requestClass) <= urgency,
    ).length;
    const expectedMs =
      (place + Number(this.isSending)) * this.spacingMs() + this.delayMs();
    if (expectedMs > this.pace.maxWaitMs) throw this.tooMany(expectedMs);
    const deadlineMs = this.now() + this.pace.maxWaitMs;
    return new Promise<T>((resolve, reject) => {
      this.waiting.splice(place, 0, {
        requestClass,
        deadlineMs,
        send: () => write().then(resolve, reject),
        refuse: reject,
      });
      if (!this.isServing) void this.serve();
    });
  }

  /** Slows down: the secondary limit was met. */
  beCareful(): void {
    this.carefulUntil = this.now() + CAREFUL_FOR_MS;
    this.tokens = 0;
    this.refilledAt = this.now();
  }

  /** A turn is asked for whoever is first by the time it is there: a more urgent write may come meanwhile. */
  private async serve(): Promise<void> {
    this.isServing = true;
    for (;;) {
      // Those before may have been slow: GitHub is ill, and whoever asked has a lease to think of.
      this.refuseBefore(this.now());
      const [first] = this.waiting;
      if (first === undefined) break;
      await sleep(Math.max(this.delayMs(), this.yieldMs(first.requestClass)));
      const turn = await this.takeTurn(this.pace);
      if (turn.kind === "taken") await this.sendFirst(turn);
      else {
        this.refuseBefore(this.now() + turn.inMs);
        const longestMs = askAgainMs[first.requestClass];
        await sleep(turn.inMs + longestMs * (0.5 + Math.random() / 2));
      }
    }
    this.isServing = false;
  }

  private async sendFirst(turn: Turn & { kind: "taken" }): Promise<void> {
    this.take();
    this.isSending = true;
    await this.waiting.shift()?.send();
    this.isSending = false;
    if (await turn.giveBack()) this.yieldsSince = this.now();
  }

  /** Refuses those who cannot wait until then. */
  private refuseBefore(momentMs: number): void {
    const impatient = this.waiting.filter(
      ({ deadlineMs }) => deadlineMs < momentMs,
    );
    if (impatient.length === 0) return;
    const waitMs = Math.max(this.pace.refillMs, momentMs - this.now());
    const error = this.tooMany(waitMs);
    this.waiting = this.waiting.filter((write) => !impatient.includes(write));
    for (const { refuse } of impatient) refuse(error);
  }

  private yieldMs(requestClass: RequestClass): number {
    const yieldMs = askAgainMs[requestClass] * YIELD_FACTOR;
    return this.yieldsSince + yieldMs - this.now();
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
      `${this.waiting.length.toString()} writes to GitHub are waiting already`,
      { rateLimit: { kind: "secondary", resumeAt } },
    );
  }
}
