import {
  agentsLeft,
  isEnded,
  type CancelRequest,
  type PhaseRunState,
  type PhaseStatus,
  type RunState,
  type RunStatus,
  type Setback,
} from "@pullwright/domain";
import { dollars, durationText, momentText } from "./amounts.js";
import { evidenceSection, newestTests } from "./evidence.js";
import { fitSections } from "./fit.js";
import { runMarker } from "./markers.js";
import { nextSteps } from "./next-steps.js";
import { inline } from "./plain-text.js";
import { fileUrl, type RunView } from "./run-view.js";

const statusSigns: Readonly<Record<RunStatus, string>> = {
  pending: "⏳ queued",
  running: "🏃 running",
  waiting: "⏸️ waiting",
  completed: "✅ completed",
  failed: "❌ failed",
  cancelled: "🚫 cancelled",
};

const phaseSigns: Readonly<Record<PhaseStatus, string>> = {
  pending: "·",
  queued: "⏳ queued",
  running: "🏃 running",
  waiting: "⏸️ waiting",
  succeeded: "✅ succeeded",
  no_changes: "➖ no changes",
  failed: "❌ failed",
  skipped: "skipped",
  cancelled: "🚫 cancelled",
};

/** The one comment that shows a run: what it does, what it waits for, how it ended and what a person can do next. */
export function renderStatusComment(view: RunView): string {
  const { run, secrets } = view;
  const { state } = run;
  const tests = newestTests(state);
  return fitSections(
    [
      heading(view),
      waitingSection(state, secrets),
      endSection(state, secrets),
      phaseTable(state, run.clock, secrets),
      links(view),
      tests === null ? null : evidenceSection(tests, secrets),
      costLine(state),
      nextSteps(state),
    ],
    runMarker(run.adwId),
  );
}

function heading({ run, secrets, publicUrl }: RunView): string {
  const { state } = run;
  const id = `\`${run.adwId}\``;
  const linked =
    publicUrl === undefined
      ? id
      : `[${id}](${publicUrl.replace(/\/+$/, "")}/api/workflows/${run.adwId})`;
  const execution =
    state.execution > 1 ? `, execution ${state.execution.toString()}` : "";
  const cancelling =
    state.cancelRequest !== null && !isEnded(state.status)
      ? ", being cancelled"
      : "";
  return `**Pullwright** run ${linked} of ${inline(run.workflowName, secrets, 80)}: **${statusSigns[state.status]}**${cancelling}${execution}`;
}

function waitingSection(
  { waiting }: RunState,
  secrets: readonly string[],
): string | null {
  if (waiting === null) return null;
  const goesOn =
    waiting.budgetId !== undefined
      ? "It goes on by itself"
      : waiting.resumeAt === null
        ? "A person has to act"
        : `It goes on by itself at ${momentText(waiting.resumeAt)}`;
  return [
    `> **Waits for: ${waiting.reason.replaceAll("_", " ")}.** ${inline(waiting.message, secrets, 1_000)}`,
    `> ${goesOn}; the wait ends in failure at ${momentText(waiting.deadline)}.`,
  ].join("\n");
}

function endSection(
  state: RunState,
  secrets: readonly string[],
): string | null {
  switch (state.status) {
    case "failed":
      return state.failure === null
        ? null
        : `> **Failed: \`${state.failure.failureClass}\`**${state.failure.phase === null ? "" : ` in ${inline(state.failure.phase, secrets, 80)}`}. ${inline(state.failure.message, secrets, 2_000)}`;
    case "completed":
      return completedText(state, secrets);
    case "cancelled":
      return cancelledText(state.cancelRequest, secrets);
    default:
      return null;
  }
}

function cancelledText(
  request: CancelRequest | null,
  secrets: readonly string[],
): string {
  const why = inline(request?.reason ?? "", secrets, 500);
  const by = request?.by ?? null;
  if (by === null)
    return why === ""
      ? "> Cancelled."
      : `> Cancelled because ${why.charAt(0).toLowerCase()}${why.slice(1)}`;
  return `> Cancelled by ${inline(by, secrets, 80)}.${why === "" ? "" : ` ${why}`}`;
}

function completedText(state: RunState, secrets: readonly string[]): string {
  const summary =
    state.summary === null ? "" : ` ${inline(state.summary, secrets, 1_500)}`;
  switch (state.outcome) {
    case "no_changes":
      return `> **No changes were needed**, so there is no pull request.${summary}`;
    case "planned":
      return `> **The plan is ready.**${summary}`;
    case "pull_request":
    case null:
      return `> **Done.**${summary}`;
  }
}

function phaseTable(
  run: RunState,
  now: Date,
  secrets: readonly string[],
): string {
  const rows = run.phases.map(
    (phase) =>
      `| ${inline(phase.definition.name, secrets, 60)} | ${phase.round > 1 ? phase.round.toString() : ""} | ${phaseSigns[phase.status]} | ${spanOf(phase, now)} | ${outcomeOf(run, phase, secrets)} |`,
  );
  return [
    "| Phase | Round | Status | Took | Outcome |",
    "| --- | --- | --- | --- | --- |",
    ...rows,
  ].join("\n");
}

function spanOf(phase: PhaseRunState, now: Date): string {
  if (phase.startedAt === null || phase.status === "queued") return "";
  const end = phase.endedAt ?? now;
  return phase.endedAt === null && phase.status !== "running"
    ? ""
    : durationText(end.getTime() - phase.startedAt.getTime());
}

function outcomeOf(
  run: RunState,
  phase: PhaseRunState,
  secrets: readonly string[],
): string {
  if (phase.reusedFrom !== null)
    return `kept from execution ${phase.reusedFrom.toString()}`;
  const { result } = phase;
  if (result === null) {
    const tries = phase.infrastructureLosses + phase.failedAttempts;
    return [
      ...(tries > 0 ? [`attempt ${(tries + 1).toString()}`] : []),
      ...phase.setbacks.map((setback) => refusal(setback, secrets)),
      ...goesOnWith(run, phase),
    ].join("; ");
  }
  return result.outcome === "failed"
    ? `\`${result.failureClass}\`: ${inline(result.message, secrets, 160)}`
    : inline(result.summary, secrets, 160);
}

function refusal(
  { agent, failureClass, resumeAt }: Setback,
  secrets: readonly string[],
): string {
  const until = resumeAt === null ? "" : ` until ${momentText(resumeAt)}`;
  return `${inline(agent, secrets, 40)}: \`${failureClass}\`${until}`;
}

/** The agent of the route that does the work of those that were refused. */
function goesOnWith(run: RunState, phase: PhaseRunState): string[] {
  const [agent] = agentsLeft(run.agentRoute, phase);
  return phase.setbacks.length === 0 ||
    phase.status === "waiting" ||
    agent === undefined
    ? []
    : [`goes on with ${inline(agent, [], 40)}`];
}

function links(view: RunView): string | null {
  const { planFile } = view.run.state;
  const parts = [
    planFile === null ? null : `[Plan](${fileUrl(view, planFile)})`,
    view.pullRequestUrl === null
      ? null
      : `Pull request: ${view.pullRequestUrl}`,
    `Branch: \`${view.run.branch.replace(/[^\w./-]/g, "")}\``,
  ];
  return parts.filter((part) => part !== null).join(" · ");
}

function costLine({ spentUsd, limits, activeMs }: RunState): string {
  const limit = limits.maxUsd === null ? "" : ` of ${dollars(limits.maxUsd)}`;
  return `Cost: ${dollars(spentUsd)}${limit} · worked ${durationText(activeMs)}`;
}
