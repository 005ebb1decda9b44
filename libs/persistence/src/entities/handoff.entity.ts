import {
  Column,
  Entity,
  ForeignKey,
  Index,
  PrimaryGeneratedColumn,
} from "typeorm";
import { createdNow, json, text, uuid } from "./column-types.js";
import { PhaseRunEntity } from "./phase-run.entity.js";

/** What a phase gives the next. */
@Entity({ name: "handoffs" })
@ForeignKey(() => PhaseRunEntity, ["phaseRunId"], ["id"], {
  onDelete: "CASCADE",
})
@Index("handoffs_phase", ["phaseRunId"], { unique: true })
@Index("handoffs_run", ["workflowRunId"])
export class HandoffEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  @Column(uuid)
  workflowRunId!: string;

  @Column(uuid)
  phaseRunId!: string;

  @Column(text)
  contentMd!: string;

  @Column({ ...json, default: {} })
  metadataJson!: unknown;

  @Column(createdNow)
  createdAt!: Date;
}
