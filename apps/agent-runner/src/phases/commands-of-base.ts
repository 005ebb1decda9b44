import type { Checkout, RepositoryCommand } from "@pullwright/workspace";
import type { PhaseContext, PhaseOutcome } from "./phase-context.js";

export type CommandsOfBase =
  | { readonly kind: "found"; readonly commands: readonly RepositoryCommand[] }
  /** What the phase ends with, since nothing of the run can be judged. */
  | { readonly kind: "broken"; readonly outcome: PhaseOutcome };

/** The commands of the base branch, which judge the run. */
export async function commandsOfBase(
  { claimed: { run }, parts }: PhaseContext,
  checkout: Checkout,
): Promise<CommandsOfBase> {
  const { baseSha } = checkout;
  const found = await parts.workspaces.discoverCommands(checkout, baseSha);
  if (found.kind === "found") return found;
  return {
    kind: "broken",
    outcome: {
      result: {
        outcome: "failed",
        failureClass: "invalid_input",
        message: `Nothing can be tested. ${found.problem} Mend it on the branch ${run.baseBranch}, then retry.`,
        summary: "",
        usage: null,
      },
    },
  };
}

/** What the phase ends with where the run is to be tested and cannot be: to be asked before money is spent. */
export async function whyUntestable(
  context: PhaseContext,
  checkout: Checkout,
): Promise<PhaseOutcome | null> {
  const { phases } = context.claimed.run.state;
  if (!phases.some(({ definition }) => definition.kind === "commands"))
    return null;
  const commands = await commandsOfBase(context, checkout);
  return commands.kind === "broken" ? commands.outcome : null;
}
