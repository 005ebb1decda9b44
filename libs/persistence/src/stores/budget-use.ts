import type {
  Amount,
  Budget,
  BudgetScope,
  BudgetUse,
} from "@pullwright/domain";
import type { Executor, Statement } from "../database.js";
import { type ClosedSum, keepLongSums, sharedKey } from "./kept-sums.js";
import type { LoadedRun } from "./run-record.js";

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

/** The number of the transaction that runs. */
export const THIS_TRANSACTION = "pg_current_xact_id()::text::bigint";

/** In place of the transaction that settled an attempt, while none has. */
const NEVER = "9223372036854775807";

/** A place a row. The planner takes it for one, by a condition that always holds, so that it goes by indexes. */
const places = `
  (SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::int[], $9::int[])
     WITH ORDINALITY AS place(repository_id, phase, adw_id, issue, work_item_id, agent, run_id, execution, one, number) WHERE one = 1) p`;

/** Whether the budget `b` applies to the place `p`. */
const applies = `
  (b.repository_id IS NULL OR b.repository_id = p.repository_id)
     AND CASE b.scope
           WHEN 'phase' THEN b.key IN ('*', p.phase)
           WHEN 'agent' THEN b.key IN ('*', p.agent)
           WHEN 'run' THEN b.key IN ('*', p.adw_id)
           WHEN 'work_item' THEN b.key IN ('*', p.issue)
           WHEN 'label' THEN b.key = ANY (SELECT unnest(w.labels) FROM work_items w WHERE w.id = p.work_item_id)
           ELSE true END`;

/** By an index, from its end, where the agent is known. */
const newest = (where: string) =>
  `(SELECT l.cost_usd, l.tokens FROM ledger l WHERE l.phase = kind.phase AND ${where} AND l.settled_at IS NOT NULL ORDER BY l.at DESC LIMIT 20)`;

/** The median of what a phase took last, from the same agent where that is known. */
const expectation = `
     SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY cost_usd) AS expected_usd,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY tokens) AS expected_tokens
       FROM (${newest("l.agent = kind.agent")} UNION ALL ${newest("kind.agent IS NULL")}) newest`;

/** What of a budget for each of its scope the place counts for; the same for places that share it. */
const shareOf = `
  CASE b.scope
    WHEN 'phase' THEN concat_ws('/', p.run_id, p.execution, p.phase)
    WHEN 'agent' THEN concat_ws('/', p.run_id, p.execution, p.agent)
    WHEN 'execution' THEN concat_ws('/', p.run_id, p.execution)
    WHEN 'run' THEN p.run_id::text
    WHEN 'work_item' THEN p.work_item_id::text
    WHEN 'repository' THEN p.repository_id::text
    ELSE '' END`;

/**
 * Locked in the order of their ids, so that two that want several of them never wait for each other in a ring. Whoever has read
 * them before learns by their versions that it was overtaken.
 */
const lockMatching: Statement = {
  name: "budgets_lock_matching",
  text: `
  WITH matching AS (
    SELECT b.id FROM budgets b WHERE EXISTS (SELECT 1 FROM ${places} WHERE ${applies}) ORDER BY b.id FOR UPDATE
  )
  UPDATE budgets b SET version = b.version + 1 FROM matching WHERE b.id = matching.id RETURNING b.id`,
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

/**
 * Everything that was settled before this transaction is visible to the statement, and stays as it is. It only grows, unless the
 * database was moved to another server, as by `pg_restore`: there, numbers that came along may be higher.
 */
export const ALL_BEFORE_ENDED =
  "pg_snapshot_xmin(pg_current_snapshot())::text::bigint";

/** Settled by this transaction or later, or not yet. Of a range the planner believes that it is small, and goes by its index. */
const lately = (since: string) => `l.settled_tx BETWEEN ${since} AND ${NEVER}`;

/**
 * The sums of one budget `b`. Of the branches only the one of its scope reads the ledger, each by an index of its own; of what
 * many runs share it is read from the transaction `since`. What of that will not change any more is `closed`. What is settled of
 * `butAttempt` counts nevertheless: else it would be missing from a sum that is kept.
 */
export const sumsOf = (place: {
  readonly run: string;
  readonly execution: string;
  readonly phase: string;
  readonly agent: string;
  readonly workItem: string;
  readonly repository: string;
  readonly butAttempt: string;
  readonly since: string;
}): string => {
  const branch = (scope: BudgetScope, where: string) =>
    `SELECT l.* FROM ledger l WHERE b.scope = '${scope}' AND ${where}`;
  return `
    SELECT coalesce(sum(l.cost_usd) FILTER (WHERE l.settled_at IS NOT NULL), 0) AS spent_usd,
           coalesce(sum(l.tokens) FILTER (WHERE l.settled_at IS NOT NULL), 0) AS spent_tokens,
           coalesce(sum(greatest(l.reserved_usd, l.cost_usd)) FILTER (WHERE l.settled_at IS NULL), 0) AS reserved_usd,
           coalesce(sum(greatest(l.reserved_tokens, l.tokens)) FILTER (WHERE l.settled_at IS NULL), 0) AS reserved_tokens,
           coalesce(sum(l.cost_usd) FILTER (WHERE l.settled_tx < ${ALL_BEFORE_ENDED}), 0) AS closed_usd,
           coalesce(sum(l.tokens) FILTER (WHERE l.settled_tx < ${ALL_BEFORE_ENDED}), 0) AS closed_tokens,
           count(*) FILTER (WHERE l.settled_tx < ${ALL_BEFORE_ENDED}) AS closed
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
          branch("label", `b.key = ANY(l.labels) AND ${lately(place.since)}`),
          branch(
            "repository",
            `l.repository_id = ${place.repository} AND ${lately(place.since)}`,
          ),
          branch("day", `l.day = ${TODAY} AND ${lately(place.since)}`),
          // What runs across midnight is held against the day that it will be settled on.
          branch(
            "day",
            `l.day <> ${TODAY} AND l.settled_tx = ${NEVER} AND l.settled_at IS NULL`,
          ),
        ].join(" UNION ALL ")}
      ) l
     WHERE (l.attempt_id IS DISTINCT FROM ${place.butAttempt} OR l.settled_at IS NOT NULL)
       AND (b.repository_id IS NULL OR l.repository_id = b.repository_id)`;
};

/**
 * The sums of what several places share are read once, and only what came after those that are kept. One that another server
 * kept says nothing of what is settled here, until its number is reached and ever after: all is added up, and kept in its stead.
 */
const uses: Statement = {
  name: "budget_uses",
  text: `
  WITH wanted AS MATERIALIZED (
    SELECT p.*, b.id AS budget_id, ${shareOf} AS share FROM ${places} JOIN budgets b ON ${applies} WHERE $10::text[] IS NULL OR b.id = ANY($10)
  ), counted AS MATERIALIZED (
    SELECT first.budget_id, first.share, coalesce(kept.spent_usd, 0) AS kept_usd, coalesce(kept.spent_tokens, 0) AS kept_tokens,
           stored.settled_before IS DISTINCT FROM kept.settled_before AS is_foreign, u.*
      FROM (SELECT DISTINCT ON (budget_id, share) * FROM wanted ORDER BY budget_id, share) first JOIN budgets b ON b.id = first.budget_id
      LEFT JOIN budget_sums stored
        ON stored.budget_id = first.budget_id AND stored.share = first.share AND (b.scope <> 'day' OR stored.day = ${TODAY})
      LEFT JOIN LATERAL (SELECT stored.* WHERE stored.settled_before <= ${ALL_BEFORE_ENDED}) kept ON true
     CROSS JOIN LATERAL (${sumsOf({ run: "first.run_id", execution: "first.execution", phase: "first.phase", agent: "first.agent", workItem: "first.work_item_id", repository: "first.repository_id", butAttempt: "$11::uuid", since: "coalesce(kept.settled_before, 0)" })}) u
  ), kinds AS MATERIALIZED (
    SELECT * FROM (SELECT DISTINCT phase, agent FROM wanted) kind CROSS JOIN LATERAL (${expectation}) expectation
  )
  SELECT w.number::int AS place, c.share, b.version, ${budgetColumns}, c.kept_usd + c.spent_usd AS spent_usd, c.kept_tokens + c.spent_tokens AS spent_tokens,
         c.reserved_usd, c.reserved_tokens, c.kept_usd + c.closed_usd AS closed_usd, c.kept_tokens + c.closed_tokens AS closed_tokens,
         c.closed::int AS closed, c.is_foreign, ${ALL_BEFORE_ENDED} AS closed_before, ${TODAY}::text AS day, k.expected_usd, k.expected_tokens
    FROM wanted w JOIN counted c USING (budget_id, share) JOIN kinds k ON k.phase = w.phase AND k.agent IS NOT DISTINCT FROM w.agent JOIN budgets b ON b.id = w.budget_id
    LEFT JOIN repositories repo ON repo.id = b.repository_id
   ORDER BY w.number, b.id`,
};

interface PlacedUseRow extends UseRow, ClosedSum {
  /** From 1. */
  readonly place: number;
  readonly version: string;
  /** What a phase like this took last; null when none did. */
  readonly expected_usd: number | null;
  readonly expected_tokens: number | null;
}

/** A budget as it was read: each reservation makes another version of it. */
export interface BudgetVersion {
  readonly id: string;
  readonly version: string;
}

/** The budgets that apply to a place. */
export interface Applying {
  /** What several places share is one and the same object. */
  readonly uses: readonly BudgetUse[];
  /** What a phase took last by the median; null when none did. */
  readonly expected: Amount | null;
}

/**
 * Locks the budgets that apply to some places and says for each what is gone of its budgets, but for what one attempt has yet
 * to settle. A second statement reads the sums: under READ COMMITTED it sees what those before us in the lock's queue have written.
 */
export async function lockedUses(
  executor: Executor,
  at: readonly CostPlace[],
  butAttempt: string | null = null,
): Promise<Applying[]> {
  const columns = columnsOf(at);
  const locked = await executor.query<{ id: string }>(lockMatching, columns);
  if (locked.length === 0) return at.map(() => NONE);
  const ids = locked.map(({ id }) => id);
  const rows = await executor.query<PlacedUseRow>(uses, [
    ...columns,
    ids,
    butAttempt,
  ]);
  await keepLongSums(executor, rows);
  return byPlace(rows, at);
}

/** The same without a lock: it holds as long as the budgets have the versions that they were read with. */
export async function readUses(
  executor: Executor,
  at: readonly CostPlace[],
): Promise<{
  readonly byPlace: readonly Applying[];
  readonly versions: readonly BudgetVersion[];
}> {
  const rows = await executor.query<PlacedUseRow>(uses, [
    ...columnsOf(at),
    null,
    null,
  ]);
  await keepLongSums(executor, rows);
  const versions = new Map(rows.map(({ id, version }) => [id, version]));
  return {
    byPlace: byPlace(rows, at),
    versions: [...versions].map(([id, version]) => ({ id, version })),
  };
}

function columnsOf(at: readonly CostPlace[]): unknown[] {
  return [
    at.map(({ run }) => run.repository.id),
    at.map(({ phase }) => phase),
    at.map(({ run }) => run.adwId),
    at.map(({ run }) => run.issueNumber?.toString() ?? ""),
    at.map(({ run }) => run.workItemId),
    at.map(({ agent }) => agent),
    at.map(({ run }) => run.id),
    at.map(({ execution }) => execution),
    at.map(() => 1),
  ];
}

const NONE: Applying = { uses: [], expected: null };

function byPlace(
  rows: readonly PlacedUseRow[],
  at: readonly CostPlace[],
): Applying[] {
  const found = at.map(() => ({ ...NONE, uses: [] as BudgetUse[] }));
  const shared = new Map<string, BudgetUse>();
  for (const row of rows) {
    const use = shared.get(sharedKey(row)) ?? toUse(row);
    shared.set(sharedKey(row), use);
    const place = found[row.place - 1];
    if (place === undefined) continue;
    place.uses.push(use);
    const { expected_usd: usd, expected_tokens: tokens } = row;
    if (usd !== null && tokens !== null) place.expected = { usd, tokens };
  }
  return found;
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
