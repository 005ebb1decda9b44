import {
  phaseKinds,
  phaseWrites,
  type PhaseDefinition,
} from "../../workflow/workflow-definition.js";
import type { RunState } from "../run-state.js";
import { phaseStatuses, runStatuses } from "../run-status.js";

/**
 * What a newer version wrote into this run that ours does not know, or null. While versions run side by side such a run
 * is the newer one's: we leave it as it is.
 */
export function unknownIn(run: RunState): string | null {
  if (!knows(runStatuses, run.status)) return `the status ${run.status}`;
  for (const { status, definition } of run.phases) {
    if (!knows(phaseStatuses, status)) return `the phase status ${status}`;
    const unknown = unknownStep(definition);
    if (unknown !== null) return unknown;
  }
  return null;
}

function unknownStep({ kind, writes }: PhaseDefinition): string | null {
  if (!knows(phaseKinds, kind)) return `the kind of phase ${kind}`;
  return knows(phaseWrites, writes) ? null : `a phase that writes ${writes}`;
}

/** The types say that it is always so; what another version stored does not. */
function knows(values: readonly string[], value: string): boolean {
  return values.includes(value);
}
