import { Column, Entity, Index, PrimaryColumn } from "typeorm";
import {
  createdNow,
  json,
  text,
  textOrNull,
  uuidOrNull,
} from "./column-types.js";

/**
 * Append-only: what was done to anything but a run. It names what it is about without foreign keys, since it outlives that.
 * Its numbers come from the sequence of `run_events`, so that both tables have one order.
 */
@Entity({ name: "audit_events" })
@Index("audit_events_run", ["workflowRunId"], {
  where: "workflow_run_id IS NOT NULL",
})
@Index("audit_events_adw_id", ["adwId"], { where: "adw_id IS NOT NULL" })
@Index("audit_events_cause", ["cause"], {
  unique: true,
  where: "cause IS NOT NULL",
})
export class AuditEventEntity {
  @PrimaryColumn({
    type: "bigint",
    default: () => "nextval('run_events_seq_seq')",
  })
  seq!: string;

  @Column(text)
  actor!: string;

  @Column(text)
  action!: string;

  /** By which way it was asked for: `api`, `label`, `comment`, `configuration`, `retention`. */
  @Column(text)
  source!: string;

  /** The address that it came from, where there is one. */
  @Column(textOrNull)
  origin!: string | null;

  /** Where one cause may be noted once only. */
  @Column(textOrNull)
  cause!: string | null;

  @Column(uuidOrNull)
  repositoryId!: string | null;

  /** As it was called then. */
  @Column(textOrNull)
  repositoryFullName!: string | null;

  @Column(uuidOrNull)
  workflowRunId!: string | null;

  @Column(textOrNull)
  adwId!: string | null;

  @Column({ ...json, default: {} })
  details!: unknown;

  @Column(createdNow)
  createdAt!: Date;
}
