import type { Budget, BudgetScope, BudgetUse } from "@pullwright/domain";
import type { Database, Statement } from "../database.js";
import { byConfiguration, valuesOf } from "./audit-note.js";
import {
  budgetColumns,
  sumsOf,
  toBudget,
  toUse,
  type UseRow,
} from "./budget-use.js";
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
   CROSS JOIN LATERAL (${sumsOf({ run: "r.id", execution: "NULL::int", phase: "NULL::text", workItem: "w.id", repository: "b.repository_id", butAttempt: "NULL::uuid" })}) u
   WHERE $1::uuid[] IS NULL OR b.repository_id = ANY($1)
   ORDER BY b.scope, b.id`,
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
