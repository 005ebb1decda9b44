import {
  budgetScopes,
  type Budget,
  type BudgetScope,
  type BudgetUse,
  type RunBudgetScope,
} from "@pullwright/domain";
import type { Database, Statement } from "../database.js";
import { byConfiguration, valuesOf } from "./audit-note.js";
import {
  budgetColumns,
  sumsOf,
  toBudget,
  toUse,
  type UseRow,
} from "./budget-use.js";
import type { LoadedRun } from "./run-record.js";
import type { Reservations } from "./reservations.js";
import { followAll } from "./wished-budgets.js";

/** Names one budget: there is one of each. */
export interface BudgetKey {
  readonly scope: BudgetScope;
  readonly key: string;
  /** Null: all repositories together. */
  readonly repositoryId: string | null;
}

export interface StoredBudget extends Budget {
  readonly createdBy: string;
  readonly updatedAt: Date;
  readonly repositoryId: string | null;
  /** Null where each of its scope has the limit for itself. */
  readonly use: Pick<BudgetUse, "spent" | "reserved"> | null;
}

interface StoredRow extends UseRow {
  readonly repository_id: string | null;
  readonly updated_at: Date;
}

const put: Statement = {
  name: "budget_put",
  text: `
  INSERT INTO budgets (id, scope, key, repository_id, limit_usd, limit_tokens, created_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (id) DO UPDATE
     SET limit_usd = excluded.limit_usd, limit_tokens = excluded.limit_tokens, created_by = excluded.created_by, updated_at = now()`,
};

const remove: Statement = {
  name: "budget_remove",
  text: "DELETE FROM budgets WHERE id = $1",
};

/** Sums of a run's own scopes need a run, and these have none: nothing is found for them. */
const list: Statement = {
  name: "budget_list",
  text: `
  SELECT ${budgetColumns}, b.repository_id, b.updated_at, u.*
    FROM budgets b LEFT JOIN repositories repo ON repo.id = b.repository_id
    LEFT JOIN workflow_runs r ON b.scope = 'run' AND r.adw_id = b.key
    LEFT JOIN work_items w ON b.scope = 'work_item' AND w.repository_id = b.repository_id AND w.issue_number::text = b.key
   CROSS JOIN LATERAL (${sumsOf({ run: "r.id", execution: "NULL::int", phase: "NULL::text", agent: "NULL::text", workItem: "w.id", repository: "b.repository_id", butAttempt: "NULL::uuid", since: "0" })}) u
   WHERE $1::uuid[] IS NULL OR b.repository_id = ANY($1)
   ORDER BY b.scope, b.id`,
};

/** One limit of what a run itself takes, or its work item. */
export interface RunBudget extends BudgetUse {
  readonly scope: RunBudgetScope;
  /** What it is about: a phase, an agent, an execution's number, an `adw_id` or an issue's number. */
  readonly of: string;
}

interface OfRunRow extends UseRow {
  readonly scope: RunBudgetScope;
  readonly of: string;
}

/** Every phase and agent that a limit is about has a row of its own. */
const ofRun: Statement = {
  name: "budgets_of_run",
  text: `
  SELECT ${budgetColumns}, place.name AS of, u.*
    FROM workflow_runs r
    JOIN budgets b ON b.repository_id IS NULL OR b.repository_id = r.repository_id
    LEFT JOIN repositories repo ON repo.id = b.repository_id
   CROSS JOIN LATERAL (
      SELECT unnest($2::text[]) AS name WHERE b.scope = 'phase'
      UNION ALL (
        SELECT unnest($3::text[]) WHERE b.scope = 'agent'
        UNION SELECT l.agent FROM ledger l
         WHERE b.scope = 'agent' AND l.workflow_run_id = r.id AND l.execution = r.execution AND l.agent IS NOT NULL
      )
      UNION ALL SELECT r.execution::text WHERE b.scope = 'execution'
      UNION ALL SELECT r.adw_id WHERE b.scope = 'run'
      UNION ALL SELECT r.issue_number::text WHERE b.scope = 'work_item' AND r.issue_number IS NOT NULL
    ) place
   CROSS JOIN LATERAL (${sumsOf({ run: "r.id", execution: "r.execution", phase: "place.name", agent: "place.name", workItem: "r.work_item_id", repository: "r.repository_id", butAttempt: "NULL::uuid", since: "0" })}) u
   WHERE r.id = $1 AND (b.key = '*' OR b.key = place.name)
   ORDER BY array_position($4::text[], b.scope), place.name, b.id`,
};

/** The limits that people set. */
export class Budgets {
  constructor(
    private readonly database: Database,
    private readonly reservations: Reservations,
  ) {}

  /** All, or those of some repositories alone. */
  async list(repositoryIds: readonly string[] | null): Promise<StoredBudget[]> {
    const rows = await this.database.query<StoredRow>(list, [repositoryIds]);
    return rows.map((row) => ({
      ...toBudget(row),
      createdBy: row.created_by,
      updatedAt: row.updated_at,
      repositoryId: row.repository_id,
      use: isOne(row) ? toUse(row) : null,
    }));
  }

  /** What is gone of each limit of the run itself, in the order of the scopes; `agents` are those that may work for it. */
  async ofRun(
    { id, state }: Pick<LoadedRun, "id" | "state">,
    agents: readonly string[],
  ): Promise<RunBudget[]> {
    const phases = state.phases
      .filter(({ definition }) => definition.kind === "agent")
      .map(({ definition }) => definition.name);
    const rows = await this.database.query<OfRunRow>(ofRun, [
      id,
      [...new Set(phases)],
      [...new Set(agents)],
      [...budgetScopes],
    ]);
    return rows.map((row) => ({
      ...toUse(row),
      scope: row.scope,
      of: row.of,
    }));
  }

  /** Sets a budget; without any limit it is removed. It counts here at once, in other processes a second later. */
  async put(
    { scope, key, repositoryId }: BudgetKey,
    limits: { readonly usd: number | null; readonly tokens: number | null },
    by: string,
  ): Promise<void> {
    const id = `${scope}/${repositoryId ?? "*"}/${key}`;
    if (limits.usd === null && limits.tokens === null)
      await this.database.query(remove, [id]);
    else
      await this.database.query(put, [
        id,
        scope,
        key,
        repositoryId,
        limits.usd,
        limits.tokens,
        by,
      ]);
    this.reservations.forget();
  }

  /**
   * Has the budgets that the installation and the policies of repositories ask for be there, and no others of theirs;
   * what people set stays. Says whether anything changed.
   */
  async follow(installation: {
    /** US dollars that all runs together may take on a day; null for no limit. */
    readonly maxDayUsd: number | null;
  }): Promise<boolean> {
    const changed = await this.database.query(followAll, [
      installation.maxDayUsd,
      ...valuesOf(byConfiguration),
    ]);
    if (changed.length > 0) this.reservations.forget();
    return changed.length > 0;
  }
}

/** Whether the budget is one sum, not a limit for each of many. */
function isOne({ scope, key, repository_id }: StoredRow): boolean {
  switch (scope) {
    case "phase":
    case "agent":
    case "execution":
      return false;
    case "run":
      return key !== "*";
    case "work_item":
      return key !== "*" && repository_id !== null;
    case "repository":
      return repository_id !== null;
    case "label":
    case "day":
      return true;
  }
}
