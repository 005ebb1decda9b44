import {
  DatabaseUnavailable,
  type ClaimedPhase,
  type Claimer,
  type FinishAnswer,
  type LogBatch,
  type Stores,
} from "@pullwright/persistence";
import { sleep, type Logger } from "@pullwright/platform";
import { AttemptLost, type PhaseOutcome } from "../phases/phase-context.js";
import type { Lease } from "./lease.js";

const RETRY_MS = 1_000;

export interface Recording {
  readonly attempts: Pick<Stores["attempts"], "finish" | "giveBackUnheard">;
  readonly lease: Lease;
  /** Who takes the run's next phase along with this one's result; null when nobody may. */
  readonly claimer: () => Promise<Claimer | null>;
  readonly logger: Logger;
}

/**
 * Keeps trying while Postgres is away: the work is done, and only the lost lease makes it void.
 *
 * A try without an answer may have been recorded all the same, and the next one is refused for that. Then nobody heard which
 * phase was claimed with it, so it is given back.
 */
export async function recordResult(
  { attempt, workItem }: Pick<ClaimedPhase, "attempt" | "workItem">,
  outcome: PhaseOutcome & { readonly lastLines: LogBatch },
  { attempts, lease, claimer, logger }: Recording,
): Promise<FinishAnswer> {
  for (let isAgain = false; ; isAgain = true) {
    try {
      const next = await claimer();
      const answer = await attempts.finish(
        attempt,
        outcome.result,
        outcome.pushedSha === undefined ? {} : { pushedSha: outcome.pushedSha },
        outcome.lastLines,
        next === null ? undefined : { ...next, workItem },
      );
      if (!isAgain || answer.kind !== "refused") return answer;
      return (await attempts.giveBackUnheard(attempt)) ?? answer;
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      if (lease.lost.aborted) throw new AttemptLost();
      logger.warn(
        { reason: error.message },
        "the result could not be recorded yet",
      );
      await sleep(RETRY_MS);
    }
  }
}
