import type { RunState } from "./run-state.js";

/**
 * What the outside should be made to show after a transition. Each kind is desired state that is rendered from the
 * run when it is applied, so naming the kind is enough and the latest always wins.
 */
export const effectKinds = [
  "status_comment",
  "labels",
  "pull_request",
  "commit_status",
] as const;
export type EffectKind = (typeof effectKinds)[number];

export const refusalReasons = [
  "run_ended",
  "run_not_ended",
  "run_waiting",
  "stale_fence",
  "not_claimable",
  "not_yet",
  "no_such_phase",
  "nothing_to_reuse",
  "not_waiting",
  "already_requested",
  "not_publishing",
  "budget_spent",
  "newer_version",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

export interface Refusal {
  readonly refused: RefusalReason;
  /** One sentence for people. */
  readonly message: string;
}

export interface Decision {
  readonly run: RunState;
  readonly effects: readonly EffectKind[];
}

export function isRefusal(answer: Decision | Refusal): answer is Refusal {
  return "refused" in answer;
}

export function refuse(refused: RefusalReason, message: string): Refusal {
  return { refused, message };
}
