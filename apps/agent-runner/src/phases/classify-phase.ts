import { classifyIssue, type IssueClass } from "@pullwright/domain";
import { askAgent } from "./ask-agent.js";
import {
  openCheckout,
  type PhaseContext,
  type PhaseOutcome,
} from "./phase-context.js";

/** What a work item is taken for when neither its labels nor the agent say. */
const FALLBACK: IssueClass = "feature";

/** Labels and rules first; the agent only where these are silent. */
export async function classifyPhase(
  context: PhaseContext,
): Promise<PhaseOutcome> {
  const { claimed, log } = context;
  const byRule = classifyIssue(claimed.workItem);
  if (byRule !== null) {
    await log.add("INFO", `classified as ${byRule} by its labels and title`);
    return classified(byRule, `A ${byRule}, by its labels and title.`);
  }
  const checkout = await openCheckout(context);
  try {
    const turn = await askAgent(context, checkout, {});
    if (turn.failure !== null)
      return {
        result: {
          outcome: "failed",
          summary: "",
          usage: turn.usage,
          ...turn.failure,
        },
      };
    const byAgent = turn.answer.classification;
    const outcome =
      byAgent === undefined
        ? classified(
            FALLBACK,
            `Taken for a ${FALLBACK}: neither labels nor the agent say.`,
          )
        : classified(byAgent, `A ${byAgent}, by the agent's judgement.`);
    await log.add("INFO", outcome.result.summary);
    return { result: { ...outcome.result, usage: turn.usage } };
  } finally {
    await context.parts.workspaces.release(checkout);
  }
}

function classified(classification: IssueClass, summary: string): PhaseOutcome {
  return {
    result: { outcome: "succeeded", summary, usage: null, classification },
  };
}
