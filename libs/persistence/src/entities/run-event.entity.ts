import { Column, Entity, Index, PrimaryGeneratedColumn } from "typeorm";
import {
  createdNow,
  integer,
  json,
  text,
  textOrNull,
  uuid,
} from "./column-types.js";

/** Append-only: what happened to a run, and who did it. Without a foreign key, since it outlives the run. */
@Entity({ name: "run_events" })
@Index("run_events_run", ["workflowRunId", "seq"])
@Index("run_events_cause", ["cause"], {
  unique: true,
  where: "cause IS NOT NULL",
})
export class RunEventEntity {
  @PrimaryGeneratedColumn({ type: "bigint" })
  seq!: string;

  @Column(uuid)
  workflowRunId!: string;

  @Column(integer)
  execution!: number;

  @Column(text)
  type!: string;

  @Column(text)
  actor!: string;

  /** The command's cause; unique, so that no command counts twice. */
  @Column(textOrNull)
  cause!: string | null;

  /** Names what was asked under the cause. */
  @Column(textOrNull)
  requestSha256!: string | null;

  @Column({ ...json, default: {} })
  payload!: unknown;

  @Column(createdNow)
  createdAt!: Date;
}
