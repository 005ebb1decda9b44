/** Which status may follow which, as data. Everything that changes a status asks these tables. */

export const runStatuses = [
  "pending",
  "running",
  "waiting",
  "completed",
  "failed",
  "cancelled",
] as const;
export type RunStatus = (typeof runStatuses)[number];

export const phaseStatuses = [
  "pending",
  "queued",
  "running",
  "waiting",
  "succeeded",
  "no_changes",
  "failed",
  "skipped",
  "cancelled",
] as const;
export type PhaseStatus = (typeof phaseStatuses)[number];

type Transitions<Status extends string> = Readonly<
  Record<Status, readonly Status[]>
>;

/** An ended run goes back to `pending` when a retry opens its next execution, and from there on in the same breath. */
export const runTransitions: Transitions<RunStatus> = {
  pending: ["running", "waiting", "failed", "cancelled"],
  running: ["waiting", "completed", "failed", "cancelled"],
  waiting: ["running", "failed", "cancelled"],
  completed: ["pending"],
  failed: ["pending"],
  cancelled: ["pending"],
};

/** `running → queued` is another attempt at the same phase; `pending → running` and `waiting → running` are built-in steps. */
export const phaseTransitions: Transitions<PhaseStatus> = {
  pending: ["queued", "running", "waiting", "skipped", "cancelled"],
  queued: ["running", "waiting", "failed", "cancelled"],
  running: [
    "queued",
    "waiting",
    "succeeded",
    "no_changes",
    "failed",
    "cancelled",
  ],
  waiting: ["queued", "running", "failed", "cancelled"],
  succeeded: [],
  no_changes: [],
  failed: [],
  skipped: [],
  cancelled: [],
};

export const endedRunStatuses = [
  "completed",
  "failed",
  "cancelled",
] as const satisfies readonly RunStatus[];

export function isEnded(status: RunStatus): boolean {
  return (
    status === "completed" || status === "failed" || status === "cancelled"
  );
}

/** A live phase may have an owner now or get one next; a run has at most one. */
export function isLive(status: PhaseStatus): boolean {
  return status === "queued" || status === "running" || status === "waiting";
}

export function canFollow<Status extends string>(
  transitions: Transitions<Status>,
  from: Status,
  to: Status,
): boolean {
  return from === to || transitions[from].includes(to);
}
