import type { LoadedRun, Stores } from "@pullwright/persistence";
import { reach } from "@pullwright/platform";
import type { Announce } from "../announce.js";
import { ignored, type Handled } from "./handled.js";

/** What somebody asked for, so that the answer goes to the right place and once. */
export interface Question {
  readonly cause: string;
  readonly repositoryId: string;
  readonly issueNumber: number;
}

/** One-off answers to what moves no run: one comment for one cause, however often it is delivered. */
export class Answers {
  constructor(
    private readonly stores: Stores,
    private readonly announce: Announce,
  ) {}

  /** Answers, and settles the delivery with what was answered. */
  async give(
    question: Question,
    body: string,
    reason: string,
    run?: LoadedRun,
  ): Promise<Handled> {
    const { cause, repositoryId, issueNumber } = question;
    const doorbells = await this.stores.effects.reply({
      repositoryId,
      issueNumber,
      key: cause,
      body,
    });
    reach("orchestrator.answer-recorded-not-rung");
    await this.announce({ doorbells, live: [] });
    return ignored(reason, {
      cause,
      ...(run === undefined ? {} : { runId: run.id }),
    });
  }
}
