import { publishFenceOf, type RunState } from "@pullwright/domain";
import type { Pull } from "@pullwright/github";
import type { LoadedRun } from "@pullwright/persistence";
import { reach } from "@pullwright/platform";
import type { Policy } from "../policy.js";
import { isTestedGreen, newestTests } from "../rendering/evidence.js";
import { renderPullBody, renderPullTitle } from "../rendering/pull-request.js";
import type { EffectSurroundings, RunEffect } from "./effect-context.js";
import { applied, type EffectOutcome } from "./effect-outcome.js";
import { heldBack, isPublishing } from "./publish-failure.js";
import { checkBranch } from "./publish-guards.js";
import { settleEarlier } from "./settle-earlier.js";

/**
 * Makes the run's pull request show what it should: a draft as soon as there is code, ready once its newest commit is
 * tested and the run publishes.
 */
export async function applyPullRequest(
  runEffect: RunEffect,
  surroundings: EffectSurroundings,
  policy: Policy,
): Promise<EffectOutcome> {
  const { run } = runEffect;
  const { state } = run;
  if (state.status === "cancelled") return applied;
  if (state.headSha === null)
    return heldBack(state, "invalid_input", "There is no commit to publish.");
  const { github } = surroundings;
  const check = await checkBranch(github, run, state.headSha, {
    policy: policy.guard,
    secrets: runEffect.view.secrets,
  });
  if (check.kind === "held_back")
    return heldBack(state, check.failureClass, check.message);
  const body = renderPullBody(runEffect.view, check.review);

  const found = await findPull(runEffect, surroundings);
  // Merged with this very commit; what came after a merge needs another pull request.
  if (found?.isMerged === true) return shown(run, found);
  if (found?.state === "closed")
    return heldBack(
      state,
      "conflict",
      `Pull request #${found.number.toString()} was closed. Reopen it, then retry the phase publish.`,
    );
  const opened =
    found === undefined
      ? await openDraft(runEffect, surroundings, body)
      : await updateBody(runEffect, surroundings, { pull: found, body });
  if (!("number" in opened)) return opened;
  reach("orchestrator.pull-request-written-not-ready");
  const isReady = await setDraftState(run, surroundings, opened);
  reach("orchestrator.pull-request-shown-not-recorded");
  return shown(run, opened, isReady ? undefined : staysDraft);
}

/**
 * The run's own one by number, else whatever its branch has: an answer that got lost is found here. One that was merged
 * without the run's newest commit is none of it any more.
 */
async function findPull(
  { effect, run }: RunEffect,
  { github }: EffectSurroundings,
): Promise<Pull | undefined> {
  const known =
    run.pullRequestNumber ??
    (effect.externalId === null ? null : Number(effect.externalId));
  const found =
    known === null
      ? await github.pulls.findByHead(run.repository, run.branch)
      : await github.pulls.get(run.repository, known);
  return found?.isMerged === true && found.headSha !== run.state.headSha
    ? github.pulls.findByHead(run.repository, run.branch, "open")
    : found;
}

async function openDraft(
  { effect, run, view }: RunEffect,
  { github, uncertaintyMs }: EffectSurroundings,
  body: string,
): Promise<Pull | EffectOutcome> {
  const wait = settleEarlier(effect, uncertaintyMs);
  if (wait !== null) return wait;
  const wanted = {
    title: renderPullTitle(view),
    body,
    head: run.branch,
    base: run.baseBranch,
    isDraft: true,
  };
  const draft = await github.pulls.create(run.repository, wanted);
  // Private repositories on some plans have no drafts; GitHub says so only in words.
  const answer =
    draft.kind === "refused" && /draft/i.test(draft.reason)
      ? await github.pulls.create(run.repository, { ...wanted, isDraft: false })
      : draft;
  switch (answer.kind) {
    case "created":
    case "exists":
      reach("orchestrator.pull-request-opened-not-recorded");
      return answer.pull;
    case "no_commits":
      return heldBack(
        run.state,
        "invalid_input",
        `The branch holds nothing that ${run.baseBranch} lacks.`,
      );
    case "refused":
      return isPublishing(run.state)
        ? heldBack(run.state, "invalid_input", answer.reason)
        : { kind: "given_up", reason: answer.reason };
  }
}

/** The title stays as people may have changed it; the description is ours and follows the run. */
async function updateBody(
  { run }: RunEffect,
  { github }: EffectSurroundings,
  { pull, body }: { readonly pull: Pull; readonly body: string },
): Promise<Pull> {
  return pull.body === body
    ? pull
    : github.pulls.update(run.repository, pull.number, { body });
}

/** Told first, and short: the outcome of a phase is cut where it is long. */
const staysDraft = "It is still a draft: mark it ready yourself.";

/** False where it should be ready and stays a draft; that fails no run whose tests passed. */
async function setDraftState(
  run: LoadedRun,
  { github }: EffectSurroundings,
  pull: Pull,
): Promise<boolean> {
  const { state } = run;
  if (pull.isDraft && mayBeReady(state))
    return (await github.pulls.markReady(run.repository, pull)) === "done";
  // A repository without drafts makes none; the failed tests are shown in the description.
  if (!pull.isDraft && hasFailedTests(state))
    await github.pulls.convertToDraft(run.repository, pull);
  return true;
}

function mayBeReady(state: RunState): boolean {
  return (
    isTestedGreen(state) &&
    (isPublishing(state) || state.status === "completed")
  );
}

function hasFailedTests(state: RunState): boolean {
  const newest = newestTests(state);
  return newest?.tests.tested === true && newest.phase.status === "failed";
}

function shown({ state }: LoadedRun, pull: Pull, note?: string): EffectOutcome {
  const externalId = pull.number.toString();
  const isNews = isPublishing(state) || state.pullRequestUrl !== pull.url;
  return {
    kind: "applied",
    externalId,
    ...(isNews
      ? {
          news: {
            event: {
              type: "published",
              pullRequestUrl: pull.url,
              ...(note === undefined ? {} : { note }),
              // As the run was when this turn began: it may have begun to publish, with more to show, since.
              fence: publishFenceOf(state),
            },
            pullRequestNumber: pull.number,
          },
        }
      : {}),
  };
}
