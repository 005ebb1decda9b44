import type { RunState } from "@pullwright/domain";
import type { CheckRun, CommitStatus } from "@pullwright/github";
import { reach } from "@pullwright/platform";
import { isTestedGreen, newestTests } from "../rendering/evidence.js";
import { clip, defused } from "../rendering/plain-text.js";
import { renderStatusComment } from "../rendering/status-comment.js";
import type { EffectSurroundings, RunEffect } from "./effect-context.js";
import { applied, type EffectOutcome } from "./effect-outcome.js";
import { settleEarlier } from "./settle-earlier.js";

/** Our mark's name on commits, for statuses and check runs alike. */
const CONTEXT = "pullwright";
const MAX_DESCRIPTION_LENGTH = 140;

/** Marks the run's head commit: a check run when we are an App, a commit status otherwise. */
export async function applyCommitStatus(
  runEffect: RunEffect,
  surroundings: EffectSurroundings,
): Promise<EffectOutcome> {
  const { effect, run, view } = runEffect;
  const { github } = surroundings;
  const { repository, state } = run;
  const sha = state.headSha;
  if (sha === null) return applied;
  const mark = markOf(state);
  const description = clip(
    defused(mark.description, view.secrets).replace(/\s+/g, " "),
    MAX_DESCRIPTION_LENGTH,
  );
  if (!github.isApp) {
    const targetUrl = view.pullRequestUrl;
    await github.checks.setStatus(repository, sha, {
      state: mark.state,
      context: CONTEXT,
      description,
      ...(targetUrl === null ? {} : { targetUrl }),
    });
    reach("orchestrator.status-set-not-recorded");
    return applied;
  }
  const checkRun: CheckRun = {
    name: CONTEXT,
    ...checkState(mark.state, state),
    title: description,
    summary: renderStatusComment(view),
    externalId: run.adwId,
  };
  const id =
    knownCheckRun(effect.externalId, sha, checkRun) ??
    (await leftBehind(runEffect, surroundings, sha, checkRun));
  const { conclusion } = checkRun;
  const shown = (runId: number): EffectOutcome => ({
    kind: "applied",
    externalId: `${sha}:${runId.toString()}${conclusion === undefined ? "" : `:${conclusion}`}`,
  });
  if (id !== null) {
    await github.checks.updateRun(repository, id, checkRun);
    return shown(id);
  }
  const wait = settleEarlier(effect, surroundings.uncertaintyMs);
  if (wait !== null) return wait;
  const created = await github.checks.createRun(repository, sha, checkRun);
  reach("orchestrator.status-set-not-recorded");
  return shown(created.id);
}

/** The check run that is known by its id and can be changed: it belongs to one commit. */
function knownCheckRun(
  externalId: string | null,
  sha: string,
  next: CheckRun,
): number | null {
  const [knownSha, id, conclusion] = externalId?.split(":") ?? [];
  if (knownSha !== sha || id === undefined) return null;
  return mayBecome(conclusion, next) ? Number(id) : null;
}

/** One that was created for this commit by a write whose answer is missing. */
async function leftBehind(
  { effect, run }: RunEffect,
  { github }: EffectSurroundings,
  sha: string,
  next: CheckRun,
): Promise<number | null> {
  if (effect.uncertainSince === null) return null;
  const found = await github.checks.findRun(run.repository, sha, {
    name: CONTEXT,
    externalId: run.adwId,
  });
  return found !== undefined && mayBecome(found.conclusion, next)
    ? found.id
    : null;
}

/** GitHub takes back no conclusion (https://github.com/orgs/community/discussions/24761): a retry needs another check run. */
const mayBecome = (
  conclusion: string | null | undefined,
  next: CheckRun,
): boolean => !conclusion || conclusion === next.conclusion;

function markOf(run: RunState): Pick<CommitStatus, "state" | "description"> {
  switch (run.status) {
    case "pending":
    case "running":
      return { state: "pending", description: "Pullwright is at work" };
    case "waiting":
      return {
        state: "pending",
        description: `Pullwright waits: ${run.waiting?.reason ?? "unknown"}`,
      };
    case "completed":
      return { state: "success", description: completedText(run) };
    case "failed":
      return {
        state: "failure",
        description: `${run.failure?.failureClass ?? "failed"}: ${run.failure?.message ?? ""}`,
      };
    case "cancelled":
      return { state: "error", description: "The run was cancelled" };
  }
}

function completedText(run: RunState): string {
  if (isTestedGreen(run)) return "Tests passed on this commit";
  return newestTests(run) === null
    ? "Done; this workflow runs no tests"
    : "Done, untested: no test command was found";
}

function checkState(
  state: CommitStatus["state"],
  run: RunState,
): Pick<CheckRun, "status" | "conclusion"> {
  if (state === "pending")
    return { status: run.status === "pending" ? "queued" : "in_progress" };
  const conclusion =
    run.status === "cancelled"
      ? "cancelled"
      : state === "success"
        ? isTestedGreen(run)
          ? "success"
          : "neutral"
        : "failure";
  return { status: "completed", conclusion };
}
