import {
  Column,
  Entity,
  ForeignKey,
  Index,
  PrimaryGeneratedColumn,
} from "typeorm";
import {
  createdNow,
  integer,
  integerOrNull,
  jsonOrNull,
  momentOrNull,
  text,
  textOrNull,
  uuid,
  uuidOrNull,
  zero,
} from "./column-types.js";
import { WorkflowRunEntity } from "./workflow-run.entity.js";

/** One write to the outside, with its intent and its result. */
@Entity({ name: "effects" })
@ForeignKey(() => WorkflowRunEntity, ["workflowRunId"], ["id"], {
  onDelete: "CASCADE",
})
@Index("effects_target", ["target"], { unique: true })
@Index("effects_open", ["nextAt"], { where: "status IN ('intent', 'acting')" })
@Index("effects_run", ["workflowRunId"])
export class EffectEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  @Column(uuidOrNull)
  workflowRunId!: string | null;

  @Column(uuid)
  repositoryId!: string;

  @Column(integerOrNull)
  issueNumber!: number | null;

  @Column(text)
  kind!: string;

  /** What is written to; unique, so that there is one row a target. */
  @Column(text)
  target!: string;

  /** For one-off effects; desired state is rendered from the run. */
  @Column(jsonOrNull)
  desired!: unknown;

  @Column({ ...integer, default: 1 })
  desiredRev!: number;

  @Column(zero)
  appliedRev!: number;

  /** `intent`, `acting`, `done` or `failed`. */
  @Column(text)
  status!: string;

  /** What it became outside: a comment's id, a pull request's number. */
  @Column(textOrNull)
  externalId!: string | null;

  @Column(jsonOrNull)
  result!: unknown;

  @Column(textOrNull)
  owner!: string | null;

  @Column(zero)
  fence!: number;

  @Column(momentOrNull)
  leaseUntil!: Date | null;

  /** When the write was last begun; null when it is known to have ended. */
  @Column(momentOrNull)
  actedAt!: Date | null;

  @Column(momentOrNull)
  appliedAt!: Date | null;

  @Column(createdNow)
  nextAt!: Date;

  @Column(momentOrNull)
  rungAt!: Date | null;

  @Column(zero)
  failures!: number;

  @Column(textOrNull)
  lastError!: string | null;

  @Column(createdNow)
  createdAt!: Date;

  @Column(createdNow)
  updatedAt!: Date;
}
