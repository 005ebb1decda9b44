import {
  dollars,
  type Amount,
  type Reservation,
  type Usage,
} from "@pullwright/domain";
import type { ClaimedPhase, HeartbeatAnswer } from "@pullwright/persistence";

type Held = Extract<HeartbeatAnswer, { kind: "held" }>;
type Reserved = Extract<Reservation, { kind: "reserved" }>;

export interface PurseParts {
  readonly claimed: Pick<ClaimedPhase, "run" | "phase" | "reservation">;
  /** Asks for the run's newest limit; null when there is no answer now. */
  readonly ask: () => Promise<Held | null>;
  /** Notes what was taken and has the reservation grow with it; null when that is not ours to do. */
  readonly note: (taken: Amount) => Promise<Reservation | null>;
}

/** Why nothing more may be spent. */
export interface Broke {
  readonly message: string;
  readonly budgetId?: string;
}

const NOTHING: Amount = { usd: 0, tokens: 0 };

/** What an attempt has taken and may still take: of its run's money, of the phase's own and of what runs share. */
export class Purse {
  readonly #phaseUsd: number | null;
  #run: Pick<Held, "maxUsd" | "spentUsd">;
  #reserved: Reserved | null;
  /** Turns that are over. */
  #before = NOTHING;
  #turn = NOTHING;
  #noted = NOTHING;
  #isNoted: boolean;
  #broke: Broke | null = null;

  constructor(private readonly parts: PurseParts) {
    const { run, phase, reservation } = parts.claimed;
    this.#phaseUsd = phase.definition.budgetUsd ?? null;
    this.#run = {
      maxUsd: run.state.limits.maxUsd,
      spentUsd: run.state.spentUsd,
    };
    this.#reserved = reservation;
    this.#isNoted = reservation !== null;
  }

  /** Set once too much was spent. */
  get broke(): Broke | null {
    return this.#broke;
  }

  /** Whether the ledger knows, or may know, of the attempt. */
  get isNoted(): boolean {
    return this.#isNoted;
  }

  /** What the next turn may cost, as it looks now; null for no limit. US dollars. */
  get leftUsd(): number | null {
    const limits = [
      this.#runUsd,
      this.#phaseUsd,
      this.#reserved?.room.usd ?? null,
    ].filter((limit) => limit !== null);
    return limits.length === 0
      ? null
      : Math.max(0, Math.min(...limits) - this.#taken.usd);
  }

  /** What the agent's calls said until now; null when they said nothing. */
  get usage(): Usage | null {
    const { usd, tokens } = this.#taken;
    return usd === 0 && tokens === 0
      ? null
      : {
          inputTokens: tokens,
          outputTokens: 0,
          cacheReadTokens: 0,
          cacheWriteTokens: 0,
          costUsd: usd,
        };
  }

  /** The run's limit as a heartbeat brought it. */
  hear({ maxUsd, spentUsd }: Held): void {
    this.#run = { maxUsd, spentUsd };
  }

  /** Takes what the turn has cost so far; false when it may cost no more. */
  async take(turn: Amount): Promise<boolean> {
    this.#turn = turn;
    if (this.#broke === null) this.#broke = await this.#whyBroke();
    return this.#broke === null;
  }

  /**
   * A turn is over, and so much is what it took. Many agents tell that at their end only: leaves word of it at once, since the
   * attempt may be lost before the next heartbeat.
   */
  async endTurn(usage: Usage | null): Promise<void> {
    const { inputTokens = 0, outputTokens = 0, costUsd = 0 } = usage ?? {};
    this.#before = plus(this.#before, {
      usd: Math.max(this.#turn.usd, costUsd ?? 0),
      tokens: Math.max(this.#turn.tokens, inputTokens + outputTokens),
    });
    this.#turn = NOTHING;
    await this.note();
  }

  /** Leaves word of what was taken since the last time: whoever finds the attempt lost settles it by that. */
  async note(): Promise<void> {
    const { usd, tokens } = this.#taken;
    if (usd === this.#noted.usd && tokens === this.#noted.tokens) return;
    const answer = await this.#note();
    if (answer?.kind === "reserved" && this.#reserved !== null)
      this.#reserved = answer;
  }

  get #taken(): Amount {
    return plus(this.#before, this.#turn);
  }

  get #runUsd(): number | null {
    const { maxUsd, spentUsd } = this.#run;
    return maxUsd === null ? null : maxUsd - spentUsd;
  }

  async #whyBroke(): Promise<Broke | null> {
    const { usd } = this.#taken;
    if (this.#phaseUsd !== null && usd > this.#phaseUsd)
      return {
        message: `The phase may cost ${dollars(this.#phaseUsd)} and took ${dollars(usd)}. Have it tried again with \`/continue\`.`,
      };
    if (this.#isOverRun(usd)) {
      // Somebody may have added money since the last heartbeat.
      const newest = await this.parts.ask();
      if (newest !== null) this.hear(newest);
      if (this.#isOverRun(usd))
        return {
          message: `The run spent ${dollars(this.#run.spentUsd + usd)} of its ${dollars(this.#run.maxUsd ?? 0)}; add money to go on, such as \`/continue +5\`.`,
        };
    }
    if (!this.#hasPassedReservation) return null;
    const answer = await this.#note();
    if (answer?.kind === "refused") return answer.breach;
    if (answer !== null) this.#reserved = answer;
    return null;
  }

  #isOverRun(usd: number): boolean {
    return this.#runUsd !== null && usd > this.#runUsd;
  }

  get #hasPassedReservation(): boolean {
    if (this.#reserved === null) return false;
    const { amount, room } = this.#reserved;
    const { usd, tokens } = this.#taken;
    return (
      (room.usd !== null && usd > amount.usd) ||
      (room.tokens !== null && tokens > amount.tokens)
    );
  }

  async #note(): Promise<Reservation | null> {
    this.#noted = this.#taken;
    this.#isNoted = true;
    const answer = await this.parts.note(this.#taken);
    // Nobody may have heard it: the next time says it again.
    if (answer === null) this.#noted = NOTHING;
    return answer;
  }
}

function plus(a: Amount, b: Amount): Amount {
  return { usd: a.usd + b.usd, tokens: a.tokens + b.tokens };
}
