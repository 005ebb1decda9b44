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
  zero,
} from "./column-types.js";
import { WorkflowRunEntity } from "./workflow-run.entity.js";

/** One step of an execution, with the lease of whoever works on it. */
@Entity({ name: "phase_runs" })
@ForeignKey(() => WorkflowRunEntity, ["workflowRunId"], ["id"], {
  onDelete: "CASCADE",
})
@Index("phase_runs_position", ["workflowRunId", "execution", "position"], {
  unique: true,
})
@Index("phase_runs_queued", ["availableAt"], { where: "status = 'queued'" })
@Index("phase_runs_leases", ["leaseUntil"], { where: "status = 'running'" })
export class PhaseRunEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  @Column(uuid)
  workflowRunId!: string;

  @Column(integer)
  execution!: number;

  @Column(integer)
  position!: number;

  @Column(text)
  phase!: string;

  @Column({ ...integer, default: 1 })
  round!: number;

  @Column(text)
  status!: string;

  /** Grows with every claim. */
  @Column(zero)
  fence!: number;

  @Column(textOrNull)
  owner!: string | null;

  @Column(momentOrNull)
  leaseUntil!: Date | null;

  @Column(createdNow)
  availableAt!: Date;

  /** When its doorbell was last rung. */
  @Column(momentOrNull)
  rungAt!: Date | null;

  /** Until then the phase is kept for the runner that dispatch has given it to, while its fence is the one below. */
  @Column(momentOrNull)
  admittedUntil!: Date | null;

  @Column(integerOrNull)
  admittedFence!: number | null;

  @Column(zero)
  infrastructureLosses!: number;

  @Column(zero)
  failedAttempts!: number;

  @Column(integerOrNull)
  reusedFrom!: number | null;

  /** The agents that may do it next, the first choice first, parted by commas; empty for the default one, null where none works. */
  @Column(textOrNull)
  agents!: string | null;

  /** The agents whose providers refused it, and until when. */
  @Column(jsonOrNull)
  setbacks!: unknown;

  @Column(jsonOrNull)
  result!: unknown;

  @Column(textOrNull)
  commitSha!: string | null;

  @Column(textOrNull)
  errorMessage!: string | null;

  @Column(textOrNull)
  errorClass!: string | null;

  @Column(textOrNull)
  outputFile!: string | null;

  @Column(momentOrNull)
  startedAt!: Date | null;

  @Column(momentOrNull)
  completedAt!: Date | null;

  @Column(createdNow)
  createdAt!: Date;
}
