import type { PhaseResult } from "./phase-result.js";

interface OfPhase {
  readonly position: number;
  readonly fence: number;
}

/** One begin of a publish phase; another one, of a later execution too, has another. */
export interface PublishFence {
  readonly execution: number;
  readonly position: number;
  readonly fence: number;
}

/** What can happen to a run. Whoever has the fact hands it to `decide`. */
export type RunEvent =
  | { readonly type: "phase_claimed"; readonly position: number }
  /** Whoever wanted to claim the phase found no money for it. */
  | {
      readonly type: "phase_unaffordable";
      readonly position: number;
      /** One sentence for people, with the sums. */
      readonly message: string;
      /** Null for the run's own budget, to which only a person adds. */
      readonly budgetId: string | null;
    }
  /** The shared budget that the run waits for has room again. */
  | { readonly type: "budget_freed" }
  | ({
      readonly type: "phase_finished";
      readonly result: PhaseResult;
    } & OfPhase)
  | ({
      readonly type: "attempt_lost";
      readonly message: string;
      /** What is known of its cost. US dollars. */
      readonly costUsd?: number;
      /** The same in tokens. */
      readonly tokens?: number;
    } & OfPhase)
  | {
      readonly type: "published";
      readonly pullRequestUrl: string;
      /** What is left for a person to do with it, in a sentence. */
      readonly note?: string;
      /**
       * The publishing that was seen before the pull request was touched, null for none: only that one is done by it.
       * Left out: whichever goes on now.
       */
      readonly fence?: PublishFence | null;
    }
  | {
      readonly type: "publish_failed";
      readonly result: Extract<PhaseResult, { outcome: "failed" }>;
      /** The publishing that failed, as it was seen before; left out: whichever goes on now. */
      readonly fence?: PublishFence;
    }
  /** Which of the issues that block the run's own are still open. */
  | { readonly type: "blockers_seen"; readonly open: readonly string[] }
  | { readonly type: "wait_elapsed" }
  | {
      readonly type: "cancel_requested";
      /** Null: Pullwright itself, which gives its reason. */
      readonly by: string | null;
      readonly reason: string | null;
    }
  | {
      readonly type: "continue_requested";
      readonly by: string;
      readonly addUsd: number;
    }
  | {
      readonly type: "retry_requested";
      readonly by: string;
      readonly phase: string | null;
    };

export type RunEventType = RunEvent["type"];
