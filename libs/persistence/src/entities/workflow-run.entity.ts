import {
  Column,
  Entity,
  ForeignKey,
  Index,
  PrimaryGeneratedColumn,
} from "typeorm";
import {
  big,
  bigZero,
  createdNow,
  integer,
  integerOrNull,
  momentOrNull,
  smallInteger,
  text,
  textOrNull,
  texts,
  textsOrNull,
  usd,
  usdOrNull,
  uuid,
  zero,
} from "./column-types.js";
import { RepositoryEntity } from "./repository.entity.js";
import { WorkItemEntity } from "./work-item.entity.js";
import { WorkflowDefinitionEntity } from "./workflow-definition.entity.js";

/** One workflow on one work item. */
@Entity({ name: "workflow_runs" })
@ForeignKey(() => WorkflowDefinitionEntity, ["definitionSha256"], ["sha256"])
@ForeignKey(() => WorkItemEntity, ["workItemId"], ["id"], {
  onDelete: "CASCADE",
})
@ForeignKey(() => RepositoryEntity, ["repositoryId"], ["id"], {
  onDelete: "CASCADE",
})
@Index("workflow_runs_adw_id", ["adwId"], { unique: true })
@Index("workflow_runs_cause", ["cause"], { unique: true })
@Index("workflow_runs_issue", ["issueNumber"])
@Index("workflow_runs_created", ["createdAt", "id"])
@Index("workflow_runs_work_item", ["workItemId", "createdAt"])
@Index("workflow_runs_one_live", ["workItemId"], {
  unique: true,
  where: "status IN ('pending', 'running', 'waiting')",
})
@Index("workflow_runs_open", ["status", "createdAt"], {
  where: "status IN ('pending', 'running', 'waiting')",
})
@Index(
  "workflow_runs_open_pull_requests",
  ["repositoryId", "pullRequestNumber"],
  {
    where: "pull_request_number IS NOT NULL AND pull_request_merged_at IS NULL",
  },
)
@Index("workflow_runs_waits", ["waitDeadline"], { where: "status = 'waiting'" })
@Index("workflow_runs_budget_waits", ["id"], {
  where: "waiting_budget_id IS NOT NULL",
})
export class WorkflowRunEntity {
  @PrimaryGeneratedColumn("uuid")
  id!: string;

  /** The public id, eight characters. */
  @Column(text)
  adwId!: string;

  @Column(uuid)
  repositoryId!: string;

  @Column(uuid)
  workItemId!: string;

  @Column(integerOrNull)
  issueNumber!: number | null;

  @Column(text)
  workflowName!: string;

  @Column(text)
  workflowType!: string;

  @Column(text)
  definitionSha256!: string;

  @Column(text)
  status!: string;

  @Column(textOrNull)
  outcome!: string | null;

  @Column({ ...integer, default: 1 })
  execution!: number;

  @Column(textOrNull)
  classification!: string | null;

  /** The agent asked for; null means the default agent. */
  @Column(textOrNull)
  agent!: string | null;

  /** Who goes on when an agent's provider refuses, the first choice first. */
  @Column(texts)
  agentRoute!: string[];

  @Column(textOrNull)
  model!: string | null;

  /** A person's note for the current execution. */
  @Column(textOrNull)
  note!: string | null;

  @Column(text)
  branchName!: string;

  @Column(text)
  baseBranch!: string;

  @Column(textOrNull)
  startSha!: string | null;

  @Column(textOrNull)
  headSha!: string | null;

  /** The tip of the branch that Pullwright last pushed. */
  @Column(textOrNull)
  pushedSha!: string | null;

  @Column(textOrNull)
  planFile!: string | null;

  @Column(textOrNull)
  pullRequestUrl!: string | null;

  @Column(integerOrNull)
  pullRequestNumber!: number | null;

  /** When its pull request was seen to be merged. */
  @Column(momentOrNull)
  pullRequestMergedAt!: Date | null;

  @Column(textOrNull)
  implementationSummary!: string | null;

  @Column(textOrNull)
  errorMessage!: string | null;

  @Column(textOrNull)
  errorPhase!: string | null;

  @Column(textOrNull)
  errorClass!: string | null;

  @Column(textOrNull)
  waitingReason!: string | null;

  @Column(textOrNull)
  waitingMessage!: string | null;

  /** The shared budget that the run waits for, if it is that. */
  @Column(textOrNull)
  waitingBudgetId!: string | null;

  @Column(momentOrNull)
  waitingSince!: Date | null;

  @Column(momentOrNull)
  resumeAt!: Date | null;

  @Column(momentOrNull)
  waitDeadline!: Date | null;

  /** The open issues that it waits for, as `owner/name#number`. */
  @Column(textsOrNull)
  blockedBy!: string[] | null;

  /** The place in the domain's list of priorities. */
  @Column({ ...smallInteger, default: 1 })
  priority!: number;

  @Column(big)
  maxActiveMs!: number;

  @Column(usdOrNull)
  maxUsd!: number | null;

  @Column(integer)
  maxFixRounds!: number;

  @Column(usd)
  spentUsd!: number;

  @Column(bigZero)
  activeMs!: number;

  @Column(textOrNull)
  cancelRequestedBy!: string | null;

  @Column(textOrNull)
  cancelReason!: string | null;

  @Column(momentOrNull)
  cancelRequestedAt!: Date | null;

  /** What was asked, named so that webhook and poll agree; unique for ever. */
  @Column(text)
  cause!: string;

  @Column(text)
  triggeredBy!: string;

  @Column(text)
  triggerSource!: string;

  /** The day of creation in UTC; the partition of its log. */
  @Column({ type: "date" })
  runDay!: string;

  @Column(createdNow)
  createdAt!: Date;

  @Column(momentOrNull)
  startedAt!: Date | null;

  @Column(momentOrNull)
  completedAt!: Date | null;

  /** Grows with every transition; a writer that read an older one starts over. */
  @Column(zero)
  version!: number;

  @Column(createdNow)
  updatedAt!: Date;
}
