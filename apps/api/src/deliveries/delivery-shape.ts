import type { DeliveryShape } from "@pullwright/contracts";
import type { DeliveryRecord } from "@pullwright/persistence";

export function deliveryShape(record: DeliveryRecord): DeliveryShape {
  return {
    id: record.id,
    source: record.source,
    guid: record.guid,
    event: record.event,
    action: record.action,
    repository: record.repositoryFullName,
    received_at: record.receivedAt.toISOString(),
    handled_at: record.handledAt?.toISOString() ?? null,
    failures: record.failures,
    verdict: record.verdict,
    reason: record.reason,
    cause: record.cause,
    adw_id: record.adwId,
  };
}
