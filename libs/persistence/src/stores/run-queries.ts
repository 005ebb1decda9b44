import type { PhaseResult, RunStatus } from "@pullwright/domain";
import type { Database, Statement } from "../database.js";
import type { DoneBy } from "./audit-note.js";
import { removeRuns } from "./remove-runs.js";

export interface RunFilter {
  readonly status?: RunStatus;
  readonly repositoryIds?: readonly string[];
  readonly workflow?: string;
  readonly issueNumber?: number;
  readonly limit: number;
  /** The last row of the page before, when paging by key. */
  readonly after?: RunCursor;
  /** Rows to skip, when paging by number. */
  readonly offset?: number;
}

/** Where a page of runs, newest first, ended. */
export type RunCursor = Pick<RunSummary, "createdMicros" | "id">;

export interface RunSummary {
  readonly id: string;
  readonly adwId: string;
  readonly repository: string;
  readonly issueNumber: number | null;
  readonly title: string;
  readonly workflowName: string;
  readonly workflowType: string;
  readonly status: RunStatus;
  readonly outcome: string | null;
  readonly waitingReason: string | null;
  readonly phase: string | null;
  readonly execution: number;
  readonly branch: string;
  readonly pullRequestUrl: string | null;
  readonly errorMessage: string | null;
  readonly errorClass: string | null;
  readonly spentUsd: number;
  readonly triggeredBy: string;
  readonly createdAt: Date;
  /** The same, exactly: microseconds since 1970. */
  readonly createdMicros: string;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
}

const where = `
   WHERE ($1::text IS NULL OR r.status = $1) AND ($2::uuid[] IS NULL OR r.repository_id = ANY($2))
     AND ($3::text IS NULL OR r.workflow_name = $3 OR r.workflow_type = $3) AND ($4::int IS NULL OR r.issue_number = $4)`;

const list: Statement = {
  name: "runs_list",
  text: `
  SELECT r.id, r.adw_id AS "adwId", repo.owner || '/' || repo.name AS repository, r.issue_number AS "issueNumber", w.title,
         r.workflow_name AS "workflowName", r.workflow_type AS "workflowType", r.status, r.outcome, r.waiting_reason AS "waitingReason",
         (SELECT p.phase FROM phase_runs p WHERE p.workflow_run_id = r.id AND p.execution = r.execution
             AND p.status IN ('queued', 'running', 'waiting', 'failed') ORDER BY p.position DESC LIMIT 1) AS phase,
         r.execution, r.branch_name AS branch, r.pull_request_url AS "pullRequestUrl", r.error_message AS "errorMessage", r.error_class AS "errorClass",
         r.spent_usd::float8 AS "spentUsd", r.triggered_by AS "triggeredBy",
         r.created_at AS "createdAt", (extract(epoch FROM r.created_at) * 1000000)::bigint::text AS "createdMicros",
         r.started_at AS "startedAt", r.completed_at AS "completedAt"
    FROM workflow_runs r JOIN repositories repo ON repo.id = r.repository_id JOIN work_items w ON w.id = r.work_item_id ${where}
     AND ($5::bigint IS NULL OR (r.created_at, r.id) < ('epoch'::timestamptz + $5::bigint * interval '1 microsecond', $6::uuid))
   ORDER BY r.created_at DESC, r.id DESC LIMIT $7 OFFSET $8`,
};

const count: Statement = {
  name: "runs_count",
  text: `SELECT count(*)::int AS total FROM workflow_runs r ${where}`,
};

const events: Statement = {
  name: "run_events_page",
  text: `
  SELECT seq, execution, type, actor, payload, created_at AS "createdAt" FROM run_events
   WHERE workflow_run_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`,
};

const executions: Statement = {
  name: "executions_of_run",
  text: `
  SELECT number, status, requested_by AS "requestedBy", from_phase AS "fromPhase", note, agent, model, started_at AS "startedAt", finished_at AS "finishedAt",
         total_calls AS "totalCalls", total_tokens::float8 AS "totalTokens", total_cost::float8 AS "totalCost", avg_latency_ms AS "avgLatencyMs", models, meta, created_at AS "createdAt"
    FROM executions WHERE workflow_run_id = $1 ORDER BY number`,
};

const phases: Statement = {
  name: "phases_of_run",
  text: `
  SELECT p.id, p.execution, p.position, p.phase, p.round, p.status, p.fence, p.owner, p.available_at AS "availableAt", p.infrastructure_losses AS "infrastructureLosses",
         p.failed_attempts AS "failedAttempts", p.reused_from AS "reusedFrom", p.result, p.commit_sha AS "commitSha", p.output_file AS "outputFile",
         p.error_message AS "errorMessage", p.error_class AS "errorClass", p.started_at AS "startedAt", p.completed_at AS "completedAt",
         (SELECT json_agg(json_build_object('id', a.id, 'fence', a.fence, 'owner', a.owner, 'agent', a.agent, 'model', a.model, 'status', a.status, 'outcome', a.outcome,
             'failure_class', a.failure_class, 'message', a.message, 'started_at', a.started_at, 'ended_at', a.ended_at,
             'input_tokens', a.input_tokens, 'output_tokens', a.output_tokens, 'cost_usd', a.cost_usd) ORDER BY a.fence)
            FROM attempts a WHERE a.phase_run_id = p.id) AS attempts
    FROM phase_runs p WHERE p.workflow_run_id = $1 AND ($2::int IS NULL OR p.execution = $2) ORDER BY p.execution, p.position`,
};

const handoffs: Statement = {
  name: "handoffs_of_run",
  text: `
  SELECT h.id, p.phase, p.execution, p.round, h.content_md AS "contentMd", h.metadata_json AS "metadataJson", h.created_at AS "createdAt"
    FROM handoffs h JOIN phase_runs p ON p.id = h.phase_run_id WHERE h.workflow_run_id = $1 ORDER BY h.created_at, h.id`,
};

const workItem: Statement = {
  name: "work_item_of_run",
  text: `SELECT w.title, w.body, w.labels, w.author FROM work_items w JOIN workflow_runs r ON r.work_item_id = w.id WHERE r.id = $1`,
};

const runOfAttempt: Statement = {
  name: "run_of_attempt",
  text: `SELECT workflow_run_id AS id FROM attempts WHERE id = $1`,
};

const beginning: Statement = {
  name: "run_beginning",
  text: `
  SELECT (SELECT payload ->> 'asked_at' FROM run_events WHERE workflow_run_id = r.id AND type = 'triggered' ORDER BY seq LIMIT 1) AS "askedAt",
         created_at AS "createdAt"
    FROM workflow_runs r WHERE id = $1`,
};

export interface RunBeginning {
  /** On GitHub's clock; null for one that was not asked for there, and for those of older versions. */
  readonly askedAt: string | null;
  /** On Postgres's. */
  readonly createdAt: Date;
}

export interface RunEventView {
  readonly seq: string;
  readonly execution: number;
  readonly type: string;
  readonly actor: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}

export interface ExecutionView {
  readonly number: number;
  readonly status: string;
  readonly requestedBy: string;
  readonly fromPhase: string | null;
  readonly note: string | null;
  readonly agent: string | null;
  readonly model: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly totalCalls: number;
  readonly totalTokens: number;
  readonly totalCost: number;
  readonly avgLatencyMs: number | null;
  readonly models: readonly string[];
  readonly meta: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}

export interface AttemptView {
  readonly id: string;
  readonly fence: number;
  readonly owner: string;
  readonly agent: string | null;
  readonly model: string | null;
  readonly status: string;
  readonly outcome: string | null;
  readonly failure_class: string | null;
  readonly message: string | null;
  /** ISO 8601, as json_agg gives it. */
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cost_usd: number | null;
}

export interface PhaseView {
  readonly id: string;
  readonly execution: number;
  readonly position: number;
  readonly phase: string;
  readonly round: number;
  readonly status: string;
  readonly fence: number;
  readonly owner: string | null;
  readonly availableAt: Date;
  readonly infrastructureLosses: number;
  readonly failedAttempts: number;
  readonly reusedFrom: number | null;
  readonly result: PhaseResult | null;
  readonly commitSha: string | null;
  readonly outputFile: string | null;
  readonly errorMessage: string | null;
  readonly errorClass: string | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  readonly attempts: readonly AttemptView[] | null;
}

export interface HandoffView {
  readonly id: string;
  readonly phase: string;
  readonly execution: number;
  readonly round: number;
  readonly contentMd: string;
  readonly metadataJson: unknown;
  readonly createdAt: Date;
}

export interface WorkItemView {
  readonly title: string;
  readonly body: string;
  readonly labels: readonly string[];
  readonly author: string | null;
}

/** Reads for people: lists by keyset, a run's parts, its history. */
export class RunQueries {
  constructor(private readonly database: Database) {}

  async list(
    filter: RunFilter,
  ): Promise<{ readonly items: RunSummary[]; readonly total: number }> {
    const common = [
      filter.status ?? null,
      filter.repositoryIds === undefined ? null : [...filter.repositoryIds],
      filter.workflow ?? null,
      filter.issueNumber ?? null,
    ];
    const [items, [counted]] = await Promise.all([
      this.database.query<RunSummary>(list, [
        ...common,
        filter.after?.createdMicros ?? null,
        filter.after?.id ?? null,
        filter.limit,
        filter.offset ?? 0,
      ]),
      this.database.query<{ total: number }>(count, common),
    ]);
    return { items, total: counted?.total ?? 0 };
  }

  events(
    runId: string,
    afterSeq: number,
    limit: number,
  ): Promise<RunEventView[]> {
    return this.database.query<RunEventView>(events, [runId, afterSeq, limit]);
  }

  executions(runId: string): Promise<ExecutionView[]> {
    return this.database.query<ExecutionView>(executions, [runId]);
  }

  /** The phases of one execution, or of all. */
  phases(runId: string, execution: number | null): Promise<PhaseView[]> {
    return this.database.query<PhaseView>(phases, [runId, execution]);
  }

  handoffs(runId: string): Promise<HandoffView[]> {
    return this.database.query<HandoffView>(handoffs, [runId]);
  }

  async workItem(runId: string): Promise<WorkItemView | null> {
    const [row] = await this.database.query<WorkItemView>(workItem, [runId]);
    return row ?? null;
  }

  /** When a run was asked for and made; null when it is gone. */
  async beginning(runId: string): Promise<RunBeginning | null> {
    const [row] = await this.database.query<RunBeginning>(beginning, [runId]);
    return row ?? null;
  }

  /** The run that an attempt, and so a conversation, belongs to. */
  async runOfAttempt(attemptId: string): Promise<string | null> {
    const [row] = await this.database.query<{ id: string }>(runOfAttempt, [
      attemptId,
    ]);
    return row?.id ?? null;
  }

  /** Removes an ended run with all that belongs to it; false while it is live. */
  async delete(runId: string, by: DoneBy): Promise<boolean> {
    return (await removeRuns(this.database, [runId], by)) === 1;
  }
}
