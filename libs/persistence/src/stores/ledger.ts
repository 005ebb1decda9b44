import type { CostGroup } from "@pullwright/contracts";
import type { Database, Statement } from "../database.js";
import { latestFirst } from "./latest-first.js";

export interface CostFilter {
  readonly groupBy: CostGroup;
  /** From this day on, and before that one; in UTC, `YYYY-MM-DD`. */
  readonly from: string | null;
  readonly to: string | null;
  /** Null: all. */
  readonly repositoryIds: readonly string[] | null;
  readonly limit: number;
}

export interface CostSum {
  readonly key: string;
  readonly costUsd: number;
  readonly tokens: number;
  readonly attempts: number;
  /** Attempts that still run; what they take is not yet in the sums. */
  readonly running: number;
  /** When the pull request was merged; only by pull request. */
  readonly mergedAt: Date | null;
}

interface SumRow {
  readonly key: string;
  readonly cost_usd: string;
  readonly tokens: string;
  readonly attempts: number;
  readonly running: number;
  readonly merged_at: Date | null;
}

const fullName =
  "coalesce(repo.owner || '/' || repo.name, l.repository_id::text)";

/** What each key is shown as; nothing here comes from outside. */
const keys: Readonly<Record<CostGroup, string>> = {
  phase: "l.phase",
  execution: "l.adw_id || '#' || l.execution",
  run: "l.adw_id",
  work_item: `${fullName} || coalesce('#' || w.issue_number, ' ' || l.work_item_id)`,
  repository: fullName,
  label: "label.name",
  day: "l.day::text",
  agent: "coalesce(l.agent, '')",
  model: "coalesce(l.model, '')",
  pull_request: `${fullName} || '#' || r.pull_request_number`,
};

const joins: Readonly<Partial<Record<CostGroup, string>>> = {
  work_item: "LEFT JOIN work_items w ON w.id = l.work_item_id",
  label: "CROSS JOIN LATERAL unnest(l.labels) AS label(name)",
  pull_request:
    "JOIN workflow_runs r ON r.id = l.workflow_run_id AND r.pull_request_number IS NOT NULL",
};

const sums = (groupBy: CostGroup): Statement => ({
  name: `ledger_sums_${groupBy}`,
  text: `
  SELECT ${keys[groupBy]} AS key, sum(l.cost_usd) AS cost_usd, sum(l.tokens) AS tokens, count(*)::int AS attempts,
         count(*) FILTER (WHERE l.settled_at IS NULL)::int AS running,
         ${groupBy === "pull_request" ? "max(r.pull_request_merged_at)" : "NULL::timestamptz"} AS merged_at
    FROM ledger l LEFT JOIN repositories repo ON repo.id = l.repository_id ${joins[groupBy] ?? ""}
   WHERE ($1::date IS NULL OR l.day >= $1) AND ($2::date IS NULL OR l.day < $2)
     AND ($3::uuid[] IS NULL OR l.repository_id = ANY($3))
   GROUP BY 1 ORDER BY ${groupBy === "day" ? "key DESC" : "cost_usd DESC, key"} LIMIT $4`,
});

/** Numbers of the outside may be greater than the column holds. */
const unmerged: Statement = {
  name: "pull_request_unmerged",
  text: `
  SELECT adw_id FROM workflow_runs r
   WHERE repository_id = $1 AND pull_request_number = $2::bigint AND pull_request_merged_at IS NULL
   ORDER BY ${latestFirst("r")} LIMIT 1`,
};

const merged: Statement = {
  name: "pull_request_merged",
  text: `
  UPDATE workflow_runs SET pull_request_merged_at = now()
   WHERE repository_id = $1 AND pull_request_number = $2 AND pull_request_merged_at IS NULL`,
};

/** What everything cost, from the one ledger. */
export class Ledger {
  constructor(private readonly database: Database) {}

  /** The `adw_id` of the run whose pull request this is, the live one of several; null when it is nobody's, or known to be merged. */
  async ownerOfUnmerged(
    repositoryId: string,
    number: number,
  ): Promise<string | null> {
    const [row] = await this.database.query<{ adw_id: string }>(unmerged, [
      repositoryId,
      number,
    ]);
    return row?.adw_id ?? null;
  }

  /** Costs by pull request tell those that were merged from the others. */
  async pullRequestMerged(repositoryId: string, number: number): Promise<void> {
    await this.database.query(merged, [repositoryId, number]);
  }

  /** The sums by a key: the dearest first, days from the latest on. */
  async sums(filter: CostFilter): Promise<CostSum[]> {
    const { groupBy, from, to, repositoryIds, limit } = filter;
    const rows = await this.database.query<SumRow>(sums(groupBy), [
      from,
      to,
      repositoryIds,
      limit,
    ]);
    return rows.map((row) => ({
      key: row.key,
      costUsd: Number(row.cost_usd),
      tokens: Number(row.tokens),
      attempts: row.attempts,
      running: row.running,
      mergedAt: row.merged_at,
    }));
  }
}
