import type { GitHub } from "@pullwright/github";
import type { ClaimedEffect, LoadedRun, Stores } from "@pullwright/persistence";
import { policyOf } from "../policy.js";
import type { RunView } from "../rendering/run-view.js";
import { applyCommitStatus } from "./commit-status.effect.js";
import type { EffectSurroundings, RunEffect } from "./effect-context.js";
import type { EffectOutcome } from "./effect-outcome.js";
import { applyLabels } from "./labels.effect.js";
import { applyPullRequest } from "./pull-request.effect.js";
import { applyReply } from "./reply.effect.js";
import { applyStatusComment } from "./status-comment.effect.js";

/** Makes the outside show what an effect asks for; what GitHub refuses is thrown. */
export type PerformEffect = (
  effect: ClaimedEffect,
  /** As it is now; null for an effect of no run. */
  run: LoadedRun | null,
) => Promise<EffectOutcome>;

export interface PerformerParts {
  readonly stores: Stores;
  readonly github: GitHub;
  /** How long a write without an answer may still arrive. */
  readonly uncertaintyMs: number;
  /** What a write may take from when it is sent. */
  readonly writeMs: number;
  /** What texts may link to and must not show. */
  readonly texts: Pick<RunView, "serverUrl" | "publicUrl" | "secrets">;
}

/** Brings every kind of effect to its own file. */
export function effectPerformer(parts: PerformerParts): PerformEffect {
  const { stores, github, uncertaintyMs, writeMs, texts } = parts;
  return async (effect, run) => {
    // A write that might still be on its way when the effect is another's is none: that one looks, finds nothing, and
    // writes as well. Reading what it needs takes long where connections break, and a machine may have slept.
    const mayWrite = () => effect.leaseLeftMs() >= writeMs;
    // What people read waits for what they asked for when GitHub's quota runs low.
    const requestClass = effect.kind === "pull_request" ? "control" : "status";
    const surroundings: EffectSurroundings = {
      github: github.as(requestClass, mayWrite),
      uncertaintyMs,
    };
    const repository = await stores.repositories.byId(effect.repositoryId);
    if (repository === null)
      return { kind: "given_up", reason: "the repository is not served" };
    if (effect.kind === "reply")
      return applyReply(effect, repository, surroundings);
    const workItem =
      run === null ? null : await stores.runQueries.workItem(run.id);
    if (run === null || workItem === null)
      return { kind: "given_up", reason: "the run is gone" };
    const { pullRequestUrl } = run.state;
    const runEffect: RunEffect = {
      effect,
      run,
      view: { run, workItem, pullRequestUrl, ...texts },
    };
    switch (effect.kind) {
      case "status_comment":
        return applyStatusComment(runEffect, surroundings);
      case "labels":
        return applyLabels(runEffect, surroundings, stores.runs);
      case "commit_status":
        return applyCommitStatus(runEffect, surroundings);
      case "pull_request":
        return applyPullRequest(runEffect, surroundings, policyOf(repository));
    }
  };
}
