import { ApiKeyEntity } from "./api-key.entity.js";
import { ArtifactEntity } from "./artifact.entity.js";
import { AttemptEntity } from "./attempt.entity.js";
import { AuditEventEntity } from "./audit-event.entity.js";
import { BreakerEntity } from "./breaker.entity.js";
import { BudgetSumEntity } from "./budget-sum.entity.js";
import { BudgetEntity } from "./budget.entity.js";
import { DeliveryEntity } from "./delivery.entity.js";
import { EffectEntity } from "./effect.entity.js";
import { ExecutionEntity } from "./execution.entity.js";
import { FeedEntity } from "./feed.entity.js";
import { GithubQuotaEntity } from "./github-quota.entity.js";
import { HandoffEntity } from "./handoff.entity.js";
import { HookLogEntity } from "./hook-log.entity.js";
import { LeaseEntity } from "./lease.entity.js";
import { LedgerEntity } from "./ledger.entity.js";
import { LlmCallEntity } from "./llm-call.entity.js";
import { LogHeadEntity } from "./log-head.entity.js";
import { MessageEntity } from "./message.entity.js";
import { PhaseRunEntity } from "./phase-run.entity.js";
import { RepositoryEntity } from "./repository.entity.js";
import { RetentionMarkEntity } from "./retention-mark.entity.js";
import { RunEventEntity } from "./run-event.entity.js";
import { WorkItemEntity } from "./work-item.entity.js";
import { WorkflowDefinitionEntity } from "./workflow-definition.entity.js";
import { WorkflowLogEntity } from "./workflow-log.entity.js";
import { WorkflowRunEntity } from "./workflow-run.entity.js";

/** Every table that TypeORM knows; migrations are generated from these. */
export const entities = [
  ApiKeyEntity,
  ArtifactEntity,
  AttemptEntity,
  AuditEventEntity,
  BreakerEntity,
  BudgetEntity,
  BudgetSumEntity,
  DeliveryEntity,
  EffectEntity,
  ExecutionEntity,
  FeedEntity,
  GithubQuotaEntity,
  HandoffEntity,
  HookLogEntity,
  LeaseEntity,
  LedgerEntity,
  LlmCallEntity,
  LogHeadEntity,
  MessageEntity,
  PhaseRunEntity,
  RepositoryEntity,
  RetentionMarkEntity,
  RunEventEntity,
  WorkItemEntity,
  WorkflowDefinitionEntity,
  WorkflowLogEntity,
  WorkflowRunEntity,
];
