import { planFileName } from "@pullwright/domain";
import { askAgent } from "./ask-agent.js";
import { whyUntestable } from "./commands-of-base.js";
import { commitAndPush } from "./commit-and-push.js";
import {
  openCheckout,
  type PhaseContext,
  type PhaseOutcome,
} from "./phase-context.js";

/** The agent reads the code and writes a plan; Pullwright puts it on the branch, and nothing else. */
export async function planPhase(context: PhaseContext): Promise<PhaseOutcome> {
  const { claimed, parts } = context;
  const { run, workItem } = claimed;
  const checkout = await openCheckout(context);
  try {
    const untestable = await whyUntestable(context, checkout);
    if (untestable !== null) return untestable;
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
    const { plan } = turn.answer;
    if (plan === undefined) {
      return {
        result: {
          outcome: "failed",
          failureClass: "agent_error",
          message:
            "The agent ended without a plan: neither its last words nor its answer file hold one.",
          summary: "",
          usage: turn.usage,
        },
      };
    }
    const planFile = planFileName({
      issueNumber: run.issueNumber ?? 0,
      adwId: run.adwId,
      title: workItem.title,
    });
    return await commitAndPush(context, checkout, {
      // What the agent did to the tree while planning stays behind: only the plan is committed.
      files: new Map([[planFile, plan.endsWith("\n") ? plan : `${plan}\n`]]),
      artifact: {
        kind: "plan",
        name: planFile,
        contentType: "text/markdown",
        content: plan,
      },
      message: `docs: plan for #${run.issueNumber ?? run.adwId}`,
      result: {
        outcome: "succeeded",
        summary: turn.answer.summary,
        usage: turn.usage,
        planFile,
        handoff: { contentMd: plan, metadata: { plan_file: planFile } },
      },
    });
  } finally {
    await parts.workspaces.release(checkout);
  }
}
