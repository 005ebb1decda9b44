import { createHash, randomBytes } from "node:crypto";
import {
  workflowDefinition,
  type Doorbell,
  type LiveEvent,
} from "@pullwright/contracts";
import {
  adwIdFrom,
  branchName,
  DEFAULT_PRIORITY,
  openRun,
  priorities,
  workflowType,
  type Priority,
  type RunLimits,
  type WorkflowDefinition,
} from "@pullwright/domain";
import { brokenConstraint } from "../database-error.js";
import type { Database, Statement } from "../database.js";
import { phasePatch } from "../rows/run-patch.js";
import { toJson } from "../storable.js";
import { triggerPayload, type Trigger } from "./audit-note.js";
import type { IssueSnapshot } from "./issue-snapshot.js";
import type { RunLoader } from "./load-run.js";
import type { LoadedRun, RepositoryRef } from "./run-record.js";
import { phaseColumns, typed } from "./phase-parts.js";

export interface CreateRun {
  readonly repository: RepositoryRef;
  readonly baseBranch: string;
  readonly workflow: WorkflowDefinition;
  readonly limits: RunLimits;
  /** Null for a run on a text. */
  readonly issueNumber: number | null;
  readonly snapshot: IssueSnapshot;
  /** Names what was asked; a second run with the same cause is never made. */
  readonly cause: string;
  /** Names what was asked, where the same cause may come with another wish. */
  readonly requestSha256?: string;
  readonly triggeredBy: string;
  readonly triggerSource: "label" | "comment" | "api";
  /** What else is known of the trigger. */
  readonly trigger?: Omit<Trigger, "source">;
  readonly agent: string | null;
  readonly model: string | null;
  /** Who goes on when an agent's provider refuses, the first choice first. */
  readonly agentRoute?: readonly string[];
  readonly priority?: Priority;
  /** The open issues, as `owner/name#number`, that must be closed first. */
  readonly blockedBy?: readonly string[];
}

export type CreateRunAnswer =
  | {
      readonly kind: "created";
      readonly run: LoadedRun;
      readonly doorbells: readonly Doorbell[];
      readonly live: readonly LiveEvent[];
    }
  | { readonly kind: "cause_known"; readonly run: LoadedRun }
  /** Its run was deleted; a cause counts once all the same. */
  | { readonly kind: "cause_spent" }
  /** One work item has at most one live run. */
  | { readonly kind: "work_item_busy"; readonly run: LoadedRun }
  /** The workflow goes on from an earlier run, and there is none. */
  | { readonly kind: "no_earlier_run" };

const upsertWorkItem: Statement = {
  name: "work_item_upsert",
  text: `
  INSERT INTO work_items (repository_id, issue_number, title, body, labels, author, comments, snapshot_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, now())
  ON CONFLICT (repository_id, issue_number) DO UPDATE
     SET issue_number = excluded.issue_number
  RETURNING id`,
};

const insertDefinition: Statement = {
  name: "definition_insert",
  text: `INSERT INTO workflow_definitions (sha256, name, version, definition) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
};

/** Only the run that is made may change what its prompts will say, and none is made without it. */
const insertRun: Statement = {
  name: "run_insert",
  text: `
  WITH run AS (
    INSERT INTO workflow_runs (adw_id, repository_id, work_item_id, issue_number, workflow_name, workflow_type, definition_sha256,
      status, execution, agent, model, branch_name, base_branch, start_sha, head_sha, pushed_sha, plan_file, pull_request_url, pull_request_number,
      max_active_ms, max_usd, max_fix_rounds, cause, triggered_by, trigger_source, agent_route, priority, run_day,
      waiting_reason, waiting_message, waiting_since, wait_deadline, blocked_by)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $26, 1, $8, $9, $10, $11, $12, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
      $24::text[], $25, (now() at time zone 'utc')::date, $27, $28, $29, $30, $31::text[])
    RETURNING id, adw_id, repository_id, work_item_id, issue_number, run_day
  ),
  said AS (
    UPDATE work_items w SET title = $33, body = $34, labels = $35, author = $36, comments = $37, snapshot_at = now()
      FROM run WHERE w.id = run.work_item_id
  ),
  head AS (INSERT INTO log_heads (workflow_run_id, run_day) SELECT id, run_day FROM run),
  phases AS (
    INSERT INTO phase_runs (workflow_run_id, ${Object.keys(phaseColumns).join(", ")}, rung_at)
    SELECT run.id, ${Object.keys(phaseColumns)
      .map((name) => (name === "available_at" ? "now()" : `x.${name}`))
      .join(", ")}, CASE WHEN x.status = 'queued' THEN now() END
      FROM run, jsonb_to_recordset($23::jsonb) AS x(${typed(phaseColumns)})
    RETURNING id, status, fence
  ),
  execution AS (
    INSERT INTO executions (workflow_run_id, number, status, requested_by, agent, model)
    SELECT id, 1, $26, $21, $8, $9 FROM run
  ),
  event AS (
    INSERT INTO run_events (workflow_run_id, execution, type, actor, cause, request_sha256, payload)
    SELECT id, 1, 'triggered', $21, $20, $32, jsonb_build_object('workflow', $5::text) || $38::jsonb FROM run
    RETURNING seq
  ),
  effect AS (
    INSERT INTO effects (workflow_run_id, repository_id, issue_number, kind, target, status, rung_at)
    SELECT id, repository_id, issue_number, k.kind, 'run:' || id || ':' || k.kind, 'intent', now()
      FROM run, unnest(ARRAY['status_comment', 'labels']) AS k(kind) WHERE issue_number IS NOT NULL
    RETURNING id, desired_rev AS rev
  )
  SELECT (SELECT id FROM run) AS id, (SELECT seq FROM event)::int8 AS event_seq,
         (SELECT json_agg(json_build_object('id', id, 'fence', fence)) FROM phases WHERE status = 'queued') AS queued,
         (SELECT json_agg(json_build_object('id', id, 'rev', rev)) FROM effect) AS effects`,
};

interface InsertedRow {
  readonly id: string;
  readonly event_seq: string;
  readonly queued: { readonly id: string; readonly fence: number }[] | null;
  readonly effects: { readonly id: string; readonly rev: number }[] | null;
}

/** Turns an accepted trigger into exactly one recorded run. */
export class RunCreation {
  constructor(
    private readonly database: Database,
    private readonly loader: RunLoader,
  ) {}

  async create(request: CreateRun): Promise<CreateRunAnswer> {
    const { repository, snapshot } = request;
    const snapshotColumns = [
      snapshot.title,
      snapshot.body,
      [...snapshot.labels],
      snapshot.author,
      toJson(snapshot.comments),
    ];
    const [item] = await this.database.query<{ id: string }>(upsertWorkItem, [
      repository.id,
      request.issueNumber,
      ...snapshotColumns,
    ]);
    if (item === undefined) throw new Error("the work item was not stored");
    const earlier =
      request.workflow.start === "base"
        ? null
        : await this.loader.latestFinishedOfWorkItem(item.id);
    if (earlier === null && request.workflow.start === "previous")
      return { kind: "no_earlier_run" };

    const definition = toJson(workflowDefinition.parse(request.workflow));
    const sha256 = createHash("sha256").update(definition).digest("hex");
    await this.database.query(insertDefinition, [
      sha256,
      request.workflow.name,
      request.workflow.version,
      definition,
    ]);
    return this.#insert(request, item.id, sha256, earlier, snapshotColumns);
  }

  async #insert(
    request: CreateRun,
    workItemId: string,
    sha256: string,
    earlier: LoadedRun | null,
    snapshotColumns: readonly unknown[],
  ): Promise<CreateRunAnswer> {
    const adwId = newAdwId();
    const state = openRun(
      {
        workflow: request.workflow,
        limits: request.limits,
        agentRoute: [
          ...(request.agent === null ? [] : [request.agent]),
          ...(request.agentRoute ?? []),
        ],
        blockedBy: request.blockedBy ?? [],
      },
      new Date(),
    );
    try {
      const [row] = await this.database.query<InsertedRow>(insertRun, [
        adwId,
        request.repository.id,
        workItemId,
        request.issueNumber,
        request.workflow.name,
        workflowType(request.workflow.name),
        sha256,
        request.agent,
        request.model,
        earlier?.branch ??
          branchName({
            issueNumber: request.issueNumber ?? 0,
            adwId,
            title: request.snapshot.title,
          }),
        request.baseBranch,
        earlier?.state.headSha ?? null,
        earlier?.pushedSha ?? null,
        earlier?.state.planFile ?? null,
        earlier?.state.pullRequestUrl ?? null,
        earlier?.pullRequestNumber ?? null,
        request.limits.maxActiveMs,
        request.limits.maxUsd,
        request.limits.maxFixRounds,
        request.cause,
        request.triggeredBy,
        request.triggerSource,
        toJson(state.phases.map((phase) => phasePatch(phase, state))),
        [...(request.agentRoute ?? [])],
        priorities.indexOf(request.priority ?? DEFAULT_PRIORITY),
        state.status,
        state.waiting?.reason ?? null,
        state.waiting?.message ?? null,
        state.waiting?.since ?? null,
        state.waiting?.deadline ?? null,
        state.waiting?.blockedBy ?? null,
        request.requestSha256 ?? null,
        ...snapshotColumns,
        toJson(
          triggerPayload({ ...request.trigger, source: request.triggerSource }),
        ),
      ]);
      const run = row === undefined ? null : await this.loader.byId(row.id);
      if (row === undefined || run === null)
        throw new Error("the run was not stored");
      return { kind: "created", run, ...announcement(run, row) };
    } catch (error) {
      return this.#settle(error, request.cause, workItemId);
    }
  }

  async #settle(
    error: unknown,
    cause: string,
    workItemId: string,
  ): Promise<CreateRunAnswer> {
    switch (brokenConstraint(error)) {
      case "workflow_runs_cause":
      case "run_events_cause": {
        const run = await this.#byCause(cause);
        return run === null
          ? { kind: "cause_spent" }
          : { kind: "cause_known", run };
      }
      case "workflow_runs_one_live": {
        const known = await this.#byCause(cause);
        if (known !== null) return { kind: "cause_known", run: known };
        const run = await this.loader.liveOfWorkItem(workItemId);
        // It may have ended in between: then the caller's next try goes through.
        if (run === null) throw error;
        return { kind: "work_item_busy", run };
      }
      default:
        throw error;
    }
  }

  async #byCause(cause: string): Promise<LoadedRun | null> {
    const [row] = await this.database.query<{ id: string }>(
      {
        name: "run_id_by_cause",
        text: "SELECT id FROM workflow_runs WHERE cause = $1",
      },
      [cause],
    );
    return row === undefined ? null : this.loader.byId(row.id);
  }
}

function announcement(
  run: LoadedRun,
  row: InsertedRow,
): { doorbells: Doorbell[]; live: LiveEvent[] } {
  const doorbells: Doorbell[] = [
    ...(row.queued ?? []).map(({ id, fence }): Doorbell => ({
      name: "phase.queued",
      payload: { v: 1, phaseRunId: id, fence },
    })),
    ...(row.effects ?? []).map(({ id, rev }): Doorbell => ({
      name: "effect.due",
      payload: { v: 1, effectId: id, rev },
    })),
  ];
  return {
    doorbells,
    live: [
      {
        type: "run.changed",
        runId: run.id,
        adwId: run.adwId,
        eventSeq: Number(row.event_seq),
      },
    ],
  };
}

function newAdwId(): string {
  for (;;) {
    const id = adwIdFrom(randomBytes(16));
    if (id !== undefined) return id;
  }
}
