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

export function runEventShape(event: RunEventView): RunEventShape {
  return {
    seq: Number(event.seq),
    execution: event.execution,
    type: event.type,
    actor: event.actor,
    payload: { ...event.payload },
    created_at: event.createdAt.toISOString(),
  };
}
