import type { EarlierTry, PromptInput } from "@pullwright/agents";
import type { PhaseView } from "@pullwright/persistence";
import { redact } from "@pullwright/platform";
import { outlast } from "../attempt/outlast.js";
import { failedDiffName } from "./keep-failed-diff.js";
import type { PhaseContext } from "./phase-context.js";

const LOG_LINES = 200;

/**
 * What an agent that plans or builds is told of the execution before this one, when a person had the run retried: how it
 * failed, with the end of that phase's log, and the change it left.
 */
export async function earlierTry(
  context: PhaseContext,
): Promise<Pick<PromptInput, "earlierTry">> {
  const { run, phase } = context.claimed;
  const { execution } = run.state;
  const isTold = phase.round === 1 && phase.definition.writes !== "nothing";
  if (execution === 1 || !isTold) return {};
  const { stores, secrets } = context.parts;
  const phases = await outlast(context, () =>
    stores.runQueries.phases(run.id, execution - 1),
  );
  const failed = phases.findLast(({ status }) => status === "failed");
  const builds = run.state.workflow.phases.filter(
    ({ writes }) => writes === "code",
  );
  const from = {
    execution: execution - 1,
    phases: builds.map(({ name }) => name),
  };
  const diff = await outlast(context, () =>
    stores.artifacts.latest(run.id, from, "diff"),
  );
  return {
    earlierTry: {
      ...(failed === undefined
        ? {}
        : { failure: await failureOf(context, failed) }),
      ...(diff === null ? {} : { diff: redact(diff.content, secrets) }),
    },
  };
}

/** What a build is told of the round before it where that failed by itself, not by its tests: the same as a retry is. */
export async function failedRound(
  context: PhaseContext,
): Promise<Pick<PromptInput, "earlierTry">> {
  const { run, phase } = context.claimed;
  const before = run.state.phases.findLast(
    ({ position, result }) => position < phase.position && result !== null,
  );
  if (phase.round === 1 || before?.result?.outcome !== "failed") return {};
  const { stores, secrets } = context.parts;
  const { definition, position, result } = before;
  const row = run.phaseRows.find((one) => one.position === position);
  const from = {
    execution: run.state.execution,
    phases: [definition.name],
  };
  const diff = await outlast(context, () =>
    stores.artifacts.latest(run.id, from, "diff"),
  );
  return {
    earlierTry: {
      failure: await failureOf(context, {
        id: row?.id ?? "",
        phase: definition.name,
        errorClass: result.failureClass,
        errorMessage: result.message,
      }),
      // Where it had changed nothing, the latest one is that of a round before.
      ...(diff?.name === failedDiffName(before)
        ? { diff: redact(diff.content, secrets) }
        : {}),
    },
  };
}

async function failureOf(
  context: PhaseContext,
  failed: Pick<PhaseView, "id" | "phase" | "errorClass" | "errorMessage">,
): Promise<NonNullable<EarlierTry["failure"]>> {
  const { claimed, parts } = context;
  const { stores, secrets } = parts;
  const log = await outlast(context, () =>
    stores.logs.tail(claimed.run.id, failed.id, LOG_LINES),
  );
  return {
    phase: failed.phase,
    failureClass: failed.errorClass ?? "unknown",
    message: failed.errorMessage ?? "",
    log: redact(log.join("\n"), secrets),
  };
}
