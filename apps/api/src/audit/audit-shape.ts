import type { AuditEntryShape } from "@pullwright/contracts";
import type { AuditEntry } from "@pullwright/persistence";

export function auditShape(entry: AuditEntry): AuditEntryShape {
  const { seq, at, actor, action, source, origin, cause } = entry;
  return {
    seq,
    at: at.toISOString(),
    actor,
    action,
    source,
    origin,
    cause,
    repository: entry.repository,
    adw_id: entry.adwId,
    details: { ...entry.details },
  };
}
