import {
  phaseKinds,
  phaseWrites,
  type PhaseDefinition,
  type PhaseKind,
} from "../../workflow/workflow-definition.js";
import type { RunState } from "../run-state.js";
import { phaseStatuses, runStatuses } from "../run-status.js";
import { waitReasons } from "../waiting.js";

/**
 * What a newer version wrote into this run that ours does not know, or null. While versions run side by side such a run
 * is the newer one's: we leave it as it is.
 */
export function unknownIn(run: RunState): string | null {
  if (!knows(runStatuses, run.status)) return `the status ${run.status}`;
  const reason = run.waiting?.reason;
  if (reason !== undefined && !knows(waitReasons, reason))
    return `the wait for ${reason}`;
  for (const { status, definition } of run.phases) {
    if (!knows(phaseStatuses, status)) return `the phase status ${status}`;
    const unknown = unknownStep(definition);
    if (unknown !== null) return unknown;
  }
  return null;
}

function unknownStep({ name, kind, writes }: PhaseDefinition): string | null {
  if (!knows(phaseKinds, kind)) return `the phase ${name} of the kind ${kind}`;
  return knows(phaseWrites, writes)
    ? null
    : `the phase ${name} that writes ${writes}`;
}

/**
 * The definition of a phase that the run's workflow does not have, as far as this version can tell. Its kind is none of
 * ours, so that {@link unknownIn} finds it.
 */
export function definitionOfNewer(name: string): PhaseDefinition {
  return {
    name,
    kind: "unknown" as PhaseKind, // What another version stored is not bound by our types.
    writes: "nothing",
    timeoutMinutes: 0,
    stallMinutes: 0,
  };
}

/** The types say that it is always so; what another version stored does not. */
function knows(values: readonly string[], value: string): boolean {
  return values.includes(value);
}
