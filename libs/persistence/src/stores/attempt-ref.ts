/** An agent that does a phase's work. */
export interface Worker {
  readonly agent: string;
  readonly model: string | null;
  /** What its provider counts by: the agent and a fingerprint of its key; null where nobody counts. */
  readonly credential: string | null;
  /** Whether it tries if the credential's quota is back. */
  readonly tries?: boolean;
}

/** The right to work on a phase: what every write of its owner carries. */
export interface AttemptRef {
  readonly attemptId: string;
  readonly runId: string;
  readonly phaseRunId: string;
  readonly position: number;
  readonly fence: number;
  readonly owner: string;
  /** The agent that works, with its credential; absent where none does. */
  readonly worker?: Worker;
  /** Set once the ledger has a row of it, so that its end settles that. */
  readonly isNoted?: boolean;
}
