/** The right to work on a phase: what every write of its owner carries. */
export interface AttemptRef {
  readonly attemptId: string;
  readonly runId: string;
  readonly phaseRunId: string;
  readonly position: number;
  readonly fence: number;
  readonly owner: string;
}
