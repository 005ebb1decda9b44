import type { FailedCommand, PromptInput } from "@pullwright/agents";
import type { Checkout } from "@pullwright/workspace";
import { askAgent } from "./ask-agent.js";
import { commitAndPush } from "./commit-and-push.js";
import { failedRound } from "./earlier-try.js";
import { keepFailedDiff } from "./keep-failed-diff.js";
import {
  openCheckout,
  type PhaseContext,
  type PhaseOutcome,
} from "./phase-context.js";
import { settleWithBase } from "./settle-with-base.js";

/** The agent changes the code after the plan, or mends what the tests found; Pullwright commits and pushes. */
export async function buildPhase(context: PhaseContext): Promise<PhaseOutcome> {
  const { claimed, parts } = context;
  const { run, phase } = claimed;
  const checkout = await openCheckout(context);
  let built: PhaseOutcome;
  try {
    const brought = await material(context, checkout);
    // Only failed tests are mended; a build that failed itself is tried anew, with what is known of its failure.
    const turn = await askAgent(
      context,
      checkout,
      brought,
      brought.failedCommands === undefined ? "build" : undefined,
    );
    const { failure, usage, answer } = turn;
    if (failure !== null) {
      await keepFailedDiff(context, checkout);
      return { result: { outcome: "failed", summary: "", usage, ...failure } };
    }
    const subject =
      phase.round === 1 ? "build" : `mend the tests, round ${phase.round}`;
    const outcome = await commitAndPush(context, checkout, {
      message: `${verb(run.state.classification)}: ${subject} for #${run.issueNumber ?? run.adwId}`,
      result: {
        outcome: "succeeded",
        summary: answer.summary,
        usage,
        handoff: {
          contentMd:
            answer.summary === ""
              ? "The agent left no summary."
              : answer.summary,
          metadata: { round: phase.round },
        },
      },
    });
    built = outcome;
  } finally {
    await parts.workspaces.release(checkout);
  }
  const { result } = built;
  return result.outcome === "succeeded"
    ? settleWithBase(context, { ...built, result })
    : built;
}

/** The plan as it stands on the branch, what earlier phases handed over, and after a failed test its real output. */
async function material(
  context: PhaseContext,
  checkout: Checkout,
): Promise<Partial<PromptInput>> {
  const { state } = context.claimed.run;
  const plan =
    state.planFile === null
      ? null
      : await context.parts.workspaces.readFile(
          checkout,
          checkout.headSha,
          state.planFile,
        );
  const handoffs = state.phases.flatMap((phase) =>
    phase.result?.handoff === undefined || phase.definition.writes === "plan"
      ? []
      : [phase.result.handoff],
  );
  const failed =
    context.claimed.phase.round === 1 ? [] : failedCommands(context);
  return {
    ...(plan === null ? {} : { plan }),
    ...(handoffs.length === 0 ? {} : { handoffs }),
    ...(failed.length === 0
      ? await failedRound(context)
      : { failedCommands: failed }),
  };
}

function failedCommands(context: PhaseContext): FailedCommand[] {
  const { run, phase } = context.claimed;
  const test = run.state.phases.findLast(
    (candidate) =>
      candidate.position < phase.position &&
      candidate.result?.tests !== undefined,
  );
  return (test?.result?.tests?.commands ?? [])
    .filter((command) => command.exitCode !== 0)
    .map((command) => ({
      command: command.command,
      exitCode: command.exitCode,
      output: command.outputTail,
    }));
}

function verb(classification: string | null): string {
  switch (classification) {
    case "bug":
      return "fix";
    case "chore":
      return "chore";
    default:
      return "feat";
  }
}
