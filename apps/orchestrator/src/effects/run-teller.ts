import type { LoadedRun, Stores } from "@pullwright/persistence";
import { reach, type Logger } from "@pullwright/platform";
import type { Announce } from "../announce.js";
import type { EffectNews } from "./effect-outcome.js";

export interface RunTellerParts {
  readonly stores: Stores;
  readonly announce: Announce;
  /** This process, as the run's history names it. */
  readonly owner: string;
  readonly logger: Logger;
}

/** Tells runs, and the people who read their logs, what came of their effects. */
export class RunTeller {
  constructor(private readonly parts: RunTellerParts) {}

  get owner(): string {
    return this.parts.owner;
  }

  async tell(run: LoadedRun, news: EffectNews): Promise<void> {
    const { stores, announce, owner } = this.parts;
    const { event, pullRequestNumber } = news;
    const answer = await stores.transitions.apply(run.id, {
      event,
      by: { actor: owner },
      ...(pullRequestNumber === undefined
        ? {}
        : { extras: { pullRequestNumber } }),
    });
    // Refused means that the run has moved on, and its newer state asks for its own effects.
    if (answer.kind !== "applied") return;
    reach("orchestrator.run-told-not-rung");
    await announce(answer);
  }

  /** A line in the run's own log. */
  async note(
    run: LoadedRun,
    level: "WARNING" | "ERROR",
    message: string,
  ): Promise<void> {
    const { stores, announce } = this.parts;
    const live = await stores.logs.note({ runId: run.id, adwId: run.adwId }, [
      { at: new Date(), level, message },
    ]);
    await announce({ doorbells: [], live: live === null ? [] : [live] });
  }

  /** A line in this process's log, for what failed. */
  warn(error: unknown, facts: Readonly<Record<string, unknown>>): void {
    this.parts.logger.warn(
      { err: error, ...facts },
      "an effect was not applied",
    );
  }
}
