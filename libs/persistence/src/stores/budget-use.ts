import type { Budget, BudgetScope, BudgetUse } from "@pullwright/domain";
import type { Database, Statement } from "../database.js";
import type { LoadedRun } from "./run-record.js";

/** Whatever runs a statement: the pool, or one transaction. */
export type Executor = Pick<Database, "query">;

/** Where an attempt's costs belong. */
export interface CostPlace {
  readonly run: Pick<
    LoadedRun,
    "id" | "adwId" | "repository" | "workItemId" | "issueNumber"
  >;
  readonly execution: number;
  readonly phase: string;
  /** Who takes it; null where that is not known. */
  readonly agent: string | null;
}

/** The day that budgets and costs count by, on the database's clock. */
export const TODAY = "(now() AT TIME ZONE 'utc')::date";

/** Locked in the order of their ids, so that two that want several of them never wait for each other in a ring. */
const lockMatching: Statement = {
  name: "budgets_lock_matching",
  text: `
  SELECT b.id FROM budgets b
   WHERE (b.repository_id IS NULL OR b.repository_id = $1)
     AND CASE b.scope
           WHEN 'phase' THEN b.key IN ('*', $2)
           WHEN 'agent' THEN b.key IN ('*', $6)
           WHEN 'run' THEN b.key IN ('*', $3)
           WHEN 'work_item' THEN b.key IN ('*', $4)
           WHEN 'label' THEN b.key = ANY (SELECT unnest(w.labels) FROM work_items w WHERE w.id = $5)
           ELSE true END
   ORDER BY b.id FOR UPDATE`,
};

export interface BudgetRow {
  readonly id: string;
  readonly scope: BudgetScope;
  readonly key: string;
  readonly repository: string | null;
  readonly limit_usd: string | null;
  readonly limit_tokens: string | null;
  readonly created_by: string;
}

export interface UseRow extends BudgetRow {
  readonly spent_usd: string;
  readonly spent_tokens: string;
  readonly reserved_usd: string;
  readonly reserved_tokens: string;
}

/** The columns of a {@link BudgetRow}; of budgets `b` and their repositories `repo`. */
export const budgetColumns = `b.id, b.scope, b.key, repo.owner || '/' || repo.name AS repository, b.limit_usd, b.limit_tokens, b.created_by`;

/** The sums of one budget `b`. Of the branches only the one of its scope reads the ledger, each by an index of its own. */
export const sumsOf = (place: {
  readonly run: string;
  readonly execution: string;
  readonly phase: string;
  readonly agent: string;
  readonly workItem: string;
  readonly repository: string;
  readonly butAttempt: string;
}): string => {
  const branch = (scope: BudgetScope, where: string) =>
    `SELECT l.* FROM ledger l WHERE b.scope = '${scope}' AND ${where}`;
  return `
    SELECT coalesce(sum(l.cost_usd) FILTER (WHERE l.settled_at IS NOT NULL), 0) AS spent_usd,
           coalesce(sum(l.tokens) FILTER (WHERE l.settled_at IS NOT NULL), 0) AS spent_tokens,
           coalesce(sum(greatest(l.reserved_usd, l.cost_usd)) FILTER (WHERE l.settled_at IS NULL), 0) AS reserved_usd,
           coalesce(sum(greatest(l.reserved_tokens, l.tokens)) FILTER (WHERE l.settled_at IS NULL), 0) AS reserved_tokens
      FROM (
        ${[
          branch(
            "phase",
            `l.workflow_run_id = ${place.run} AND l.execution = ${place.execution} AND l.phase = ${place.phase}`,
          ),
          branch(
            "agent",
            `l.workflow_run_id = ${place.run} AND l.execution = ${place.execution} AND l.agent = ${place.agent}`,
          ),
          branch(
            "execution",
            `l.workflow_run_id = ${place.run} AND l.execution = ${place.execution}`,
          ),
          branch("run", `l.workflow_run_id = ${place.run}`),
          branch("work_item", `l.work_item_id = ${place.workItem}`),
          branch("label", "l.labels @> ARRAY[b.key]"),
          branch("repository", `l.repository_id = ${place.repository}`),
          branch("day", `l.day = ${TODAY}`),
        ].join(" UNION ALL ")}
      ) l
     WHERE l.attempt_id IS DISTINCT FROM ${place.butAttempt}
       AND (b.repository_id IS NULL OR l.repository_id = b.repository_id)`;
};

const uses: Statement = {
  name: "budget_uses",
  text: `
  SELECT ${budgetColumns}, u.*
    FROM budgets b LEFT JOIN repositories repo ON repo.id = b.repository_id
   CROSS JOIN LATERAL (${sumsOf({ run: "$2::uuid", execution: "$3::int", phase: "$4::text", agent: "$8::text", workItem: "$5::uuid", repository: "$6::uuid", butAttempt: "$7::uuid" })}) u
   WHERE b.id = ANY($1) ORDER BY b.id`,
};

/**
 * Locks the budgets that apply to a phase and says what is gone of each, but for the attempt's own. A second statement
 * reads the sums: under READ COMMITTED it sees what those before us in the lock's queue have written.
 */
export async function lockedUses(
  executor: Executor,
  { run, execution, phase, agent }: CostPlace,
  butAttempt: string | null = null,
): Promise<BudgetUse[]> {
  const locked = await executor.query<{ id: string }>(lockMatching, [
    run.repository.id,
    phase,
    run.adwId,
    run.issueNumber?.toString() ?? "",
    run.workItemId,
    agent,
  ]);
  if (locked.length === 0) return [];
  const rows = await executor.query<UseRow>(uses, [
    locked.map(({ id }) => id),
    run.id,
    execution,
    phase,
    run.workItemId,
    run.repository.id,
    butAttempt,
    agent,
  ]);
  return rows.map(toUse);
}

export function toUse(row: UseRow): BudgetUse {
  return {
    budget: toBudget(row),
    spent: {
      usd: Number(row.spent_usd),
      tokens: Number(row.spent_tokens),
    },
    reserved: {
      usd: Number(row.reserved_usd),
      tokens: Number(row.reserved_tokens),
    },
  };
}

export function toBudget(row: BudgetRow): Budget {
  return {
    id: row.id,
    scope: row.scope,
    key: row.key,
    repository: row.repository,
    origin: originOf(row.created_by),
    limitUsd: row.limit_usd === null ? null : Number(row.limit_usd),
    limitTokens: row.limit_tokens === null ? null : Number(row.limit_tokens),
  };
}

/** People have names such as `api:ada`, which is neither of the two. */
const originOf = (createdBy: string): Budget["origin"] =>
  createdBy === "policy" || createdBy === "configuration"
    ? createdBy
    : "person";
