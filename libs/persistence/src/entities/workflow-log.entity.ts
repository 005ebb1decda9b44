import { Column, Entity, PrimaryColumn } from "typeorm";
import { createdNow, jsonOrNull, text, uuidOrNull } from "./column-types.js";

/** One line of a run's log. The table is partitioned by the run's creation day. */
@Entity({ name: "workflow_logs" })
export class WorkflowLogEntity {
  @PrimaryColumn({ type: "date" })
  runDay!: string;

  @PrimaryColumn({ type: "uuid" })
  workflowRunId!: string;

  /** Grows by one a line within the run. */
  @PrimaryColumn({ type: "bigint" })
  seq!: string;

  @Column(uuidOrNull)
  phaseRunId!: string | null;

  @Column(createdNow)
  timestamp!: Date;

  @Column(text)
  level!: string;

  @Column(text)
  message!: string;

  @Column(jsonOrNull)
  context!: unknown;
}
