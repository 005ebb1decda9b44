import { dollars, durationText } from "./amounts.js";
import { evidenceSection, isTestedGreen, newestTests } from "./evidence.js";
import { collapsed, fenced } from "./fence.js";
import { fitSections } from "./fit.js";
import { runMarker } from "./markers.js";
import { namedFiles } from "./named-files.js";
import { inline, plainTitle } from "./plain-text.js";
import { fileUrl, type RunView } from "./run-view.js";

const MAX_PLAN_LENGTH = 20_000;

/** The pull request's title: the issue's, with nothing in it that a squashed commit would act upon. */
export function renderPullTitle({ run, workItem, secrets }: RunView): string {
  const title = plainTitle(workItem.title, secrets);
  return title === "" ? `Run ${run.adwId}` : title;
}

/**
 * The pull request's description: what was done, what a person should look at (`review`: paths), how it was tested, what it
 * cost, and what it closes.
 */
export function renderPullBody(
  view: RunView,
  review: readonly string[],
): string {
  const { run, secrets } = view;
  const { state } = run;
  const tests = newestTests(state);
  const summary =
    state.summary === null
      ? "This pull request was made by Pullwright."
      : inline(state.summary, secrets, 3_000);
  const draft = isTestedGreen(state)
    ? null
    : "**Draft**: no test has succeeded on its newest commit yet.";
  // The last section is always kept: it ties the pull request to its issue and its run.
  const last = [
    run.issueNumber === null ? "" : `Fixes #${run.issueNumber.toString()}`,
    runMarker(run.adwId),
  ]
    .filter((line) => line !== "")
    .join("\n\n");
  return fitSections(
    [
      summary,
      draft,
      reviewSection(review, secrets),
      planSection(view),
      tests === null ? null : evidenceSection(tests, secrets),
      `Run \`${run.adwId}\` of ${inline(run.workflowName, secrets, 80)} · cost ${dollars(state.spentUsd)} · worked ${durationText(state.activeMs)}`,
    ],
    last,
  );
}

/** By themselves, or through what they bring in, these files run where the change is built or used. */
function reviewSection(
  paths: readonly string[],
  secrets: readonly string[],
): string | null {
  return paths.length === 0
    ? null
    : `**Look closely** at what this change does to:\n\n${namedFiles(paths, secrets)}`;
}

function planSection(view: RunView): string | null {
  const { state } = view.run;
  const link =
    state.planFile === null
      ? null
      : `[The plan](${fileUrl(view, state.planFile)}) is part of this branch.`;
  const plan = state.phases.findLast(
    (phase) => phase.definition.writes === "plan",
  )?.result?.handoff?.contentMd;
  const text =
    plan === undefined || plan.trim() === ""
      ? null
      : collapsed(
          "Plan",
          fenced(plan, view.secrets, {
            maxLength: MAX_PLAN_LENGTH,
            keep: "head",
            language: "markdown",
          }),
        );
  const parts = [link, text].filter((part) => part !== null);
  return parts.length === 0 ? null : parts.join("\n\n");
}
