import {
  Column,
  Entity,
  ForeignKey,
  Index,
  PrimaryGeneratedColumn,
} from "typeorm";
import {
  bigZero,
  createdNow,
  integer,
  integerOrNull,
  json,
  momentOrNull,
  text,
  textOrNull,
  texts,
  usd,
  uuid,
  zero,
} from "./column-types.js";
import { WorkflowRunEntity } from "./workflow-run.entity.js";

/** One pass over a run, numbered from 1. */
@Entity({ name: "executions" })
@ForeignKey(() => WorkflowRunEntity, ["workflowRunId"], ["id"], {
  onDelete: "CASCADE",
})
@Index("executions_number", ["workflowRunId", "number"], { unique: true })
export class ExecutionEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  @Column(uuid)
  workflowRunId!: string;

  @Column(integer)
  number!: number;

  @Column(text)
  status!: string;

  @Column(text)
  requestedBy!: string;

  @Column(textOrNull)
  fromPhase!: string | null;

  @Column(textOrNull)
  note!: string | null;

  @Column(textOrNull)
  agent!: string | null;

  @Column(textOrNull)
  model!: string | null;

  @Column(momentOrNull)
  startedAt!: Date | null;

  @Column(momentOrNull)
  finishedAt!: Date | null;

  @Column(zero)
  totalCalls!: number;

  @Column(bigZero)
  totalTokens!: number;

  @Column(usd)
  totalCost!: number;

  @Column(integerOrNull)
  avgLatencyMs!: number | null;

  @Column(texts)
  models!: string[];

  @Column({ ...json, default: {} })
  meta!: unknown;

  @Column(createdNow)
  createdAt!: Date;
}
