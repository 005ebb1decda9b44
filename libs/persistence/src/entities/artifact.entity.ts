import {
  Column,
  Entity,
  ForeignKey,
  Index,
  PrimaryGeneratedColumn,
} from "typeorm";
import { createdNow, integer, no, text, uuid } from "./column-types.js";
import { WorkflowRunEntity } from "./workflow-run.entity.js";

/** A kept file: plan, diff, transcript, test report. */
@Entity({ name: "artifacts" })
@ForeignKey(() => WorkflowRunEntity, ["workflowRunId"], ["id"], {
  onDelete: "CASCADE",
})
@Index("artifacts_run", ["workflowRunId", "createdAt"])
@Index("artifacts_created", ["createdAt"])
@Index("artifacts_name", ["attemptId", "kind", "name"], { unique: true })
export class ArtifactEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  @Column(uuid)
  workflowRunId!: string;

  @Column(uuid)
  phaseRunId!: string;

  @Column(uuid)
  attemptId!: string;

  @Column(text)
  kind!: string;

  @Column(text)
  name!: string;

  @Column(text)
  contentType!: string;

  @Column(integer)
  bytes!: number;

  @Column(text)
  sha256!: string;

  @Column(no)
  truncated!: boolean;

  @Column(text)
  content!: string;

  @Column(createdNow)
  createdAt!: Date;
}
