import type { LogEntryShape, RunEventShape } from "@pullwright/contracts";
import type { LogEntry, RunEventView } from "@pullwright/persistence";

export function logEntryShape(entry: LogEntry): LogEntryShape {
  return {
    seq: entry.seq,
    timestamp: entry.at.toISOString(),
    level: entry.level,
    phase: entry.phase,
    message: entry.message,
    context: entry.context === null ? null : { ...entry.context },
  };
}

/** The address that a command came from is the audit's alone, which admins read. */
export function runEventShape(event: RunEventView): RunEventShape {
  const payload = { ...event.payload };
  delete payload["origin"];
  return {
    seq: Number(event.seq),
    execution: event.execution,
    type: event.type,
    actor: event.actor,
    payload,
    created_at: event.createdAt.toISOString(),
  };
}
