import type { PhaseRunState } from "@pullwright/domain";
import { messageOf, redact } from "@pullwright/platform";
import type { Checkout } from "@pullwright/workspace";
import { outlast } from "../attempt/outlast.js";
import type { PhaseContext } from "./phase-context.js";

const MAX_DIFF_BYTES = 256 * 1024;

export const failedDiffName = ({
  definition,
  round,
}: Pick<PhaseRunState, "definition" | "round">): string =>
  `${definition.name}-${round}.failed.diff`;

/** Keeps what an agent had changed when it failed, for people and for the prompt of the next round or of a retry. No guard has seen it. */
export async function keepFailedDiff(
  context: PhaseContext,
  checkout: Checkout,
): Promise<void> {
  const { claimed, parts, log, stop } = context;
  // Who stops us waits for the end, and nobody will read it.
  if (stop.signal.aborted) return;
  const { phase, attempt } = claimed;
  try {
    const diff = await parts.workspaces.diffOfTree(checkout, {
      leftovers: parts.agents.of(attempt).leftovers,
      maxBytes: MAX_DIFF_BYTES,
    });
    if (diff === null || diff.text === "") return;
    await outlast(context, () =>
      parts.stores.artifacts.keep(attempt, {
        kind: "diff",
        name: failedDiffName(phase),
        contentType: "text/x-diff",
        content: redact(diff.text, parts.secrets),
      }),
    );
  } catch (error) {
    // The failure itself is what counts.
    await log.add(
      "WARNING",
      `what the agent had changed could not be kept: ${messageOf(error)}`,
    );
  }
}
