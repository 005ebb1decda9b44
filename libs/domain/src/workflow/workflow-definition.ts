/** Who does a phase's work: an agent in a sandbox, the repository's own commands, or a built-in step. */
export const phaseKinds = ["agent", "commands", "builtin"] as const;
export type PhaseKind = (typeof phaseKinds)[number];

/** What a phase may leave on the run's branch. */
export const phaseWrites = ["nothing", "plan", "code"] as const;
export type PhaseWrites = (typeof phaseWrites)[number];

export interface PhaseDefinition {
  readonly name: string;
  readonly kind: PhaseKind;
  readonly writes: PhaseWrites;
  /** The agent's name; absent means the run's agent. */
  readonly agent?: string;
  readonly model?: string;
  /** What one attempt may cost; absent: what is left to the run. US dollars. */
  readonly budgetUsd?: number;
  /** Wall-clock limit of one attempt. */
  readonly timeoutMinutes: number;
  /** Longest silence of the agent before the attempt counts as stalled. */
  readonly stallMinutes: number;
}

/** Where a run starts: at the base branch, or at the work item's latest finished run. */
export const workflowStarts = ["base", "previous_or_base", "previous"] as const;
export type WorkflowStart = (typeof workflowStarts)[number];

/** A named, versioned, ordered list of phases. It is data; a run pins the definition it started with. */
export interface WorkflowDefinition {
  readonly name: string;
  readonly version: number;
  readonly description: string;
  readonly start: WorkflowStart;
  /** At least one; names are unique, and the first is not built in, for somebody must claim it. */
  readonly phases: readonly PhaseDefinition[];
}

/** The kind that `workflow_type` shows: shipped names lose their `adw_` prefix, others stay as they are. */
export function workflowType(name: string): string {
  return name.startsWith("adw_") ? name.slice("adw_".length) : name;
}
