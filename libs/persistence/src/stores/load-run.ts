import {
  DEFAULT_PRIORITY,
  priorities,
  unsettled,
  type Amount,
  type PhaseResult,
  type WorkflowDefinition,
} from "@pullwright/domain";
import type { Database, Statement } from "../database.js";
import { toRunState, type PhaseJson, type RunRow } from "../rows/run-row.js";
import type { IssueSnapshot } from "./issue-snapshot.js";
import { isOpen, latestFirst } from "./latest-first.js";
import type { LoadedRun } from "./run-record.js";

interface LoadedRow extends RunRow {
  readonly clock: Date;
  readonly phases: readonly PhaseJson[] | null;
  readonly repository_github_id: string;
  readonly repository_owner: string;
  readonly repository_name: string;
}

export interface RunToClaim {
  readonly run: LoadedRun;
  readonly workItem: IssueSnapshot;
  /** What an earlier attempt had committed and perhaps pushed when it was lost. */
  readonly prepared: {
    readonly sha: string;
    /** As it is to be recorded: of its usage only what the end of that attempt has not charged. */
    readonly result: PhaseResult;
  } | null;
}

interface PreparedJson {
  readonly sha: string;
  readonly result: PhaseResult;
  readonly settled: Amount;
}

/** One snapshot of a run and the phases of its current execution; what is written later is guarded by its version. */
const selectRun = (where: string, more = ""): string => `
  SELECT r.*, now() AS clock, ${more}
         repo.github_id AS repository_github_id, repo.owner AS repository_owner, repo.name AS repository_name,
         (SELECT json_agg(p.* ORDER BY p.position) FROM phase_runs p
           WHERE p.workflow_run_id = r.id AND p.execution = r.execution) AS phases
    FROM workflow_runs r JOIN repositories repo ON repo.id = r.repository_id
   WHERE ${where}`;

const byId: Statement = { name: "run_by_id", text: selectRun("r.id = $1") };
const byAdwId: Statement = {
  name: "run_by_adw_id",
  text: selectRun("r.adw_id = $1"),
};
/** With all that the owner of a phase needs to begin, so that a claim reads once. */
const byPhaseToClaim: Statement = {
  name: "run_to_claim",
  text: selectRun(
    "r.id = (SELECT workflow_run_id FROM phase_runs WHERE id = $1)",
    `
         (SELECT json_build_object('title', w.title, 'body', w.body, 'labels', w.labels, 'author', w.author, 'comments', w.comments)
            FROM work_items w WHERE w.id = r.work_item_id) AS work_item,
         (SELECT json_build_object('sha', a.prepared_sha, 'result', a.prepared_result, 'settled',
                   json_build_object('usd', coalesce(a.cost_usd, 0), 'tokens', a.input_tokens + a.output_tokens))
            FROM attempts a WHERE a.phase_run_id = $1 AND a.prepared_sha IS NOT NULL
           ORDER BY a.fence DESC LIMIT 1) AS prepared,`,
  ),
};
const liveOfWorkItem: Statement = {
  name: "run_live_of_work_item",
  text: selectRun(`r.work_item_id = $1 AND ${isOpen("r")}`),
};
/** None once it was merged: the branches before it are the same one, or older than what the base branch holds now. */
const latestFinished: Statement = {
  name: "run_latest_finished",
  text: `
  SELECT * FROM (${selectRun("r.work_item_id = $1 AND r.status IN ('completed', 'failed') AND r.head_sha IS NOT NULL")}
   ORDER BY r.completed_at DESC NULLS LAST LIMIT 1) latest WHERE pull_request_merged_at IS NULL`,
};
const latestOfIssue: Statement = {
  name: "run_latest_of_issue",
  text: `${selectRun("r.repository_id = $1 AND r.issue_number = $2")} ORDER BY ${latestFirst("r")} LIMIT 1`,
};

const selectDefinition: Statement = {
  name: "definition_by_sha",
  text: "SELECT definition FROM workflow_definitions WHERE sha256 = $1",
};

/** Reads runs; definitions never change, so each is fetched once. */
export class RunLoader {
  readonly #definitions = new Map<string, WorkflowDefinition>();

  constructor(private readonly database: Database) {}

  byId(id: string): Promise<LoadedRun | null> {
    return this.#one(byId, [id]);
  }

  byAdwId(adwId: string): Promise<LoadedRun | null> {
    return this.#one(byAdwId, [adwId]);
  }

  /** The run of a phase that is about to be claimed, with its work item and what an earlier attempt had prepared. */
  async toClaim(phaseRunId: string): Promise<RunToClaim | null> {
    const [row] = await this.database.query<
      LoadedRow & {
        readonly prepared: PreparedJson | null;
        readonly work_item: IssueSnapshot;
      }
    >(byPhaseToClaim, [phaseRunId]);
    if (row === undefined) return null;
    const { work_item: workItem, prepared } = row;
    return {
      run: await this.#toRun(row),
      workItem,
      prepared: prepared === null ? null : toPrepared(prepared),
    };
  }

  liveOfWorkItem(workItemId: string): Promise<LoadedRun | null> {
    return this.#one(liveOfWorkItem, [workItemId]);
  }

  /** The run whose branch and plan a follow-up workflow goes on from; null when that was merged. */
  latestFinishedOfWorkItem(workItemId: string): Promise<LoadedRun | null> {
    return this.#one(latestFinished, [workItemId]);
  }

  /** The issue's live run, or the one that was live last. */
  latestOfIssue(
    repositoryId: string,
    issueNumber: number,
  ): Promise<LoadedRun | null> {
    return this.#one(latestOfIssue, [repositoryId, issueNumber]);
  }

  async #one(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<LoadedRun | null> {
    const [row] = await this.database.query<LoadedRow>(statement, values);
    return row === undefined ? null : this.#toRun(row);
  }

  async #toRun(row: LoadedRow): Promise<LoadedRun> {
    const workflow = await this.#definition(row.definition_sha256);
    const phases = row.phases ?? [];
    return {
      id: row.id,
      adwId: row.adw_id,
      version: row.version,
      repository: {
        id: row.repository_id,
        githubId: Number(row.repository_github_id),
        owner: row.repository_owner,
        name: row.repository_name,
      },
      workItemId: row.work_item_id,
      issueNumber: row.issue_number,
      workflowName: row.workflow_name,
      workflowType: row.workflow_type,
      agent: row.agent,
      route: row.agent_route,
      model: row.model,
      note: row.note,
      branch: row.branch_name,
      baseBranch: row.base_branch,
      pushedSha: row.pushed_sha,
      pullRequestNumber: row.pull_request_number,
      cause: row.cause,
      triggeredBy: row.triggered_by,
      triggerSource: row.trigger_source,
      priority: priorities[row.priority] ?? DEFAULT_PRIORITY,
      updatedAt: row.updated_at,
      clock: row.clock,
      phaseRows: phases,
      state: toRunState(row, phases, workflow),
    };
  }

  async #definition(sha256: string): Promise<WorkflowDefinition> {
    const known = this.#definitions.get(sha256);
    if (known !== undefined) return known;
    const [row] = await this.database.query<{ definition: WorkflowDefinition }>(
      selectDefinition,
      [sha256],
    );
    if (row === undefined)
      throw new Error(`workflow definition ${sha256} is missing`);
    this.#definitions.set(sha256, row.definition);
    return row.definition;
  }
}

const toPrepared = ({ sha, result, settled }: PreparedJson) => ({
  sha,
  result: { ...result, usage: unsettled(result.usage, settled) },
});
