import type { Backend } from "../rig/rig.js";
import type { CaseRunnerOptions, Round } from "../run-cases.js";

/** One time that a case is to be run, by its place in the catalogue. */
export interface CaseQuestion extends Omit<CaseRunnerOptions, "log"> {
  readonly caseIndex: number;
  readonly backend: Backend;
  readonly seed: number;
}

export type CaseAnswer = Pick<Round, "durationMs" | "error" | "violations">;
