import { Column, Entity, ForeignKey, PrimaryColumn } from "typeorm";
import { big } from "./column-types.js";
import { WorkflowRunEntity } from "./workflow-run.entity.js";

/** The next line number of each run's log; apart from the run, so that busy logs do not rewrite its row. */
@Entity({ name: "log_heads" })
@ForeignKey(() => WorkflowRunEntity, ["workflowRunId"], ["id"], {
  onDelete: "CASCADE",
})
export class LogHeadEntity {
  @PrimaryColumn({ type: "uuid" })
  workflowRunId!: string;

  @Column({ type: "date" })
  runDay!: string;

  @Column({ ...big, default: 1 })
  nextSeq!: number;
}
