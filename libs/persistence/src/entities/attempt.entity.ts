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
  jsonOrNull,
  momentOrNull,
  text,
  textOrNull,
  usdOrNull,
  uuid,
} from "./column-types.js";
import { PhaseRunEntity } from "./phase-run.entity.js";

/** One try at a phase by one owner. */
@Entity({ name: "attempts" })
@ForeignKey(() => PhaseRunEntity, ["phaseRunId"], ["id"], {
  onDelete: "CASCADE",
})
@Index("attempts_fence", ["phaseRunId", "fence"], { unique: true })
@Index("attempts_run", ["workflowRunId"])
export class AttemptEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  @Column(uuid)
  phaseRunId!: string;

  @Column(uuid)
  workflowRunId!: string;

  @Column(integer)
  fence!: number;

  @Column(text)
  owner!: string;

  @Column(textOrNull)
  agent!: string | null;

  @Column(textOrNull)
  model!: string | null;

  /** `live`, `prepared` (its commit is made, the push may be under way) or `ended`. */
  @Column(text)
  status!: string;

  @Column(textOrNull)
  preparedSha!: string | null;

  @Column(jsonOrNull)
  preparedResult!: unknown;

  @Column(textOrNull)
  outcome!: string | null;

  @Column(textOrNull)
  failureClass!: string | null;

  @Column(textOrNull)
  message!: string | null;

  @Column(bigZero)
  inputTokens!: number;

  @Column(bigZero)
  outputTokens!: number;

  @Column(usdOrNull)
  costUsd!: number | null;

  @Column(textOrNull)
  sessionId!: string | null;

  @Column(createdNow)
  startedAt!: Date;

  @Column(momentOrNull)
  endedAt!: Date | null;
}
