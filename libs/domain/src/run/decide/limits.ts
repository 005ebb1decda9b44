import { dollars } from "../../money/budget.js";
import type { RunFailure, RunState } from "../run-state.js";

/** Why the run may work no longer, or null. An execution that has not worked yet may always begin. */
export function timeUsedUp(
  run: RunState,
  phase: string,
  because = "",
): RunFailure | null {
  const { maxActiveMs } = run.limits;
  if (run.activeMs === 0 || run.activeMs < maxActiveMs) return null;
  const minutes = Math.round(maxActiveMs / 60_000);
  const message = `The run used its ${minutes} minutes of work. ${because}`;
  return { failureClass: "timeout", message: message.trimEnd(), phase };
}

/** Why no agent may start until a person adds money, or null. */
export function moneySpent(run: RunState): string | null {
  const { maxUsd } = run.limits;
  if (maxUsd === null || run.spentUsd < maxUsd) return null;
  return `The run spent ${dollars(run.spentUsd)} of its ${dollars(maxUsd)}; add money to go on, such as \`/continue +5\`.`;
}
