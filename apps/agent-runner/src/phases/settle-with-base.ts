import type { PhaseSucceeded } from "@pullwright/domain";
import type { Checkout } from "@pullwright/workspace";
import { stopReason } from "../attempt/attempt-end.js";
import { ProcessesLeft } from "../attempt/process-end.js";
import { askAgent } from "./ask-agent.js";
import { commitAndPush, publish } from "./commit-and-push.js";
import {
  openCheckout,
  type PhaseContext,
  type PhaseOutcome,
} from "./phase-context.js";
import { sizeSince } from "./size-since.js";
import { addUsage } from "./usage.js";

type Built = PhaseOutcome & { readonly result: PhaseSucceeded };

/**
 * Sees to it that the branch can be merged into the base branch as it is now: a deterministic rebase first, then the
 * agent with both sides before it, then a person. Nothing happens while base has not moved.
 *
 * After a cancel what is on the branch already stays the phase's result: nobody comes to adopt it.
 */
export async function settleWithBase(
  context: PhaseContext,
  built: Built,
): Promise<PhaseOutcome> {
  const { pushedSha } = built;
  const isCancelled = () => stopReason(context.stop.signal) === "cancelled";
  if (pushedSha === undefined || isCancelled()) return built;
  try {
    const settled = await settle(context, { ...built, pushedSha });
    if (settled.pushedSha !== undefined || !isCancelled()) return settled;
    const usage = settled.result.usage ?? built.result.usage;
    return { ...built, result: { ...built.result, usage } };
  } catch (error) {
    if (isCancelled() && !(error instanceof ProcessesLeft)) return built;
    throw error;
  }
}

async function settle(
  context: PhaseContext,
  built: Built & { readonly pushedSha: string },
): Promise<PhaseOutcome> {
  const { pushedSha } = built;
  const checkout = await openCheckout(context, {
    sha: pushedSha,
    freshBase: true,
  });
  try {
    const onto = checkout.baseTipSha;
    const rebased = await context.parts.workspaces.rebaseOnto(checkout, onto);
    switch (rebased.kind) {
      case "up_to_date":
        return built;
      case "rebased": {
        await context.log.add(
          "INFO",
          `the base branch moved: rebased onto ${onto.slice(0, 12)}`,
        );
        const { sha } = rebased;
        const diffSize = await sizeSince(context, checkout, onto, sha);
        const commit = { sha, diffSize };
        return await publish(context, checkout, commit, built.result, {
          expected: pushedSha,
          since: onto,
        });
      }
      case "conflict":
        await context.log.add(
          "WARNING",
          `the base branch moved and conflicts in ${rebased.files.join(", ")}: the agent settles it`,
        );
        return await mergeByAgent(context, checkout, built.result, pushedSha);
    }
  } finally {
    await context.parts.workspaces.release(checkout);
  }
}

async function mergeByAgent(
  context: PhaseContext,
  checkout: Checkout,
  built: PhaseSucceeded,
  pushedSha: string,
): Promise<PhaseOutcome> {
  const { parts, claimed } = context;
  const merge = await parts.workspaces.mergeForAgent(
    checkout,
    checkout.baseTipSha,
  );
  const files = merge.kind === "conflict" ? merge.files : [];
  const turn =
    files.length === 0
      ? null
      : await askAgent(
          context,
          checkout,
          { conflictingFiles: files },
          "resolve_conflict",
        );
  const usage = addUsage(built.usage, turn?.usage ?? null);
  if (turn !== null && turn.failure !== null)
    return {
      result: {
        outcome: "failed",
        summary: built.summary,
        usage,
        ...turn.failure,
      },
    };
  const outcome = await commitAndPush(
    context,
    checkout,
    {
      message: `chore: merge ${claimed.run.baseBranch}`,
      result: { ...built, usage },
    },
    { expected: pushedSha, since: checkout.baseTipSha },
  );
  const { result } = outcome;
  const unsettled =
    result.outcome === "no_changes" ||
    (result.outcome === "failed" && result.failureClass === "policy");
  if (!unsettled) return outcome;
  return {
    result: {
      outcome: "failed",
      failureClass: "conflict",
      message: `The change conflicts with ${claimed.run.baseBranch} in ${files.join(", ")}, and the agent did not settle it. Settle it by hand, then retry the phase.`,
      summary: built.summary,
      usage,
    },
  };
}
