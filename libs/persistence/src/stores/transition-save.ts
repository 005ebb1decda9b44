import type { Amount, PhaseResult, RunState, Usage } from "@pullwright/domain";
import type { Rest } from "./breaker-parts.js";
import type { BudgetVersion } from "./budget-use.js";
import type { LogBatch } from "./log-batch.js";
import type { LoadedRun } from "./run-record.js";

/** What a transition writes. */
export interface Save {
  readonly before: LoadedRun;
  readonly after: RunState;
  readonly effects: readonly string[];
  readonly actor: string;
  /** In their order; one, or a phase's end and the claim of the next. */
  readonly events: readonly {
    readonly type: string;
    readonly cause: string | null;
    readonly requestSha256: string | null;
    readonly payload: Readonly<Record<string, unknown>>;
  }[];
  /** Set when an owner claims the phase that this transition starts. */
  readonly claim?: {
    readonly owner: string;
    readonly leaseMs: number;
    readonly agent: string | null;
    readonly model: string | null;
    /** Set where a provider counts: nothing is claimed while the credential rests. */
    readonly credential: string | null;
    /** Set when this phase has the try whether the credential's quota is back. */
    readonly triesAs: string | null;
    /** Taken out of the budgets that apply, if any does. */
    readonly reserved?: Amount;
    /** Set when these budgets were read without a lock: nothing is claimed when one of them has another version by now. */
    readonly budgets?: readonly BudgetVersion[];
  };
  /** Set when the attempt that ends was refused for quota: its credential is left alone. */
  readonly rest?: Rest;
  /** Set when this transition ends an attempt. */
  readonly ended?: {
    readonly position: number;
    readonly fence: number;
    readonly outcome: string;
    readonly result: PhaseResult | null;
    readonly message: string | null;
    /** What it took, as far as it is known. */
    readonly usage: Pick<
      Usage,
      "inputTokens" | "outputTokens" | "costUsd"
    > | null;
    /** Set when the ledger may know of the attempt already. */
    readonly isNoted: boolean;
  };
  readonly extras?: RunExtras;
  /** Last lines of the attempt that ends. */
  readonly lines?: LogBatch;
}

/** Facts of a run that `decide` has no use for; a key that is absent leaves the column alone. */
export interface RunExtras {
  readonly pullRequestNumber?: number;
  readonly pushedSha?: string;
  readonly agent?: string | null;
  readonly model?: string | null;
  readonly note?: string | null;
}

/** What came of it. */
export interface Saved {
  readonly phases: readonly {
    readonly id: string;
    readonly position: number;
    readonly status: string;
    readonly fence: number;
    readonly due: boolean;
  }[];
  readonly attemptId: string | null;
  readonly eventSeq: number;
  /** The number of the first of the lines that were written with it. */
  readonly firstLine: number | null;
  readonly effects: readonly {
    readonly id: string;
    readonly rev: number;
    readonly due: boolean;
  }[];
}
