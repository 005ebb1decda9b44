import type { Database, Statement } from "../database.js";
import { byConfiguration, valuesOf, type DoneBy } from "./audit-note.js";
import { forgetPositions } from "./forget-positions.js";
import type { RepositoryRef } from "./run-record.js";
import { followPolicy } from "./wished-budgets.js";

export interface Repository extends RepositoryRef {
  readonly defaultBranch: string;
  /** False, too, while its name is another's. */
  readonly enabled: boolean;
  readonly policy: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}

const columns = `id, github_id, owner, name, default_branch, enabled, policy, created_at`;

/**
 * Whether a name is still the repository's own. A name passes to another one when that is renamed, or made anew after the
 * former was deleted; ids are kept. It belongs to the one that GitHub called so last: `updated_at` says when GitHub was
 * heard, and changes with nothing else.
 */
const bearsItsName = `NOT EXISTS (
  SELECT 1 FROM repositories heir
   WHERE lower(heir.owner) = lower(repositories.owner) AND lower(heir.name) = lower(repositories.name)
     AND (heir.updated_at, heir.github_id) > (repositories.updated_at, repositories.github_id))`;

/** Under the name of another one nothing can be read or written: it counts as switched off until its new name is known. */
const asServed = columns.replace(
  "enabled",
  `enabled AND ${bearsItsName} AS enabled`,
);

const upsert: Statement = {
  name: "repository_upsert",
  text: `
  WITH before AS (SELECT owner || '/' || name AS full_name FROM repositories WHERE github_id = $1),
  former AS (
    SELECT github_id AS former_id FROM repositories
     WHERE lower(owner) = lower($2) AND lower(name) = lower($3) AND github_id <> $1 AND ${bearsItsName}
  ),
  stored AS (
    INSERT INTO repositories (github_id, owner, name, default_branch) VALUES ($1, $2, $3, $4)
    ON CONFLICT (github_id) DO UPDATE
       SET owner = excluded.owner, name = excluded.name, default_branch = excluded.default_branch, updated_at = now()
    RETURNING ${columns}, xmax = 0 AS is_new
  ),
  noted AS (
    INSERT INTO audit_events (actor, source, origin, action, repository_id, repository_full_name, details)
    SELECT $5, $6, $7, CASE WHEN is_new THEN 'repository.added' ELSE 'repository.renamed' END, id, owner || '/' || name,
           jsonb_strip_nulls(jsonb_build_object('github_id', github_id, 'former_name', before.full_name, 'replaces', former_id))
      FROM stored LEFT JOIN before ON true LEFT JOIN former ON true WHERE is_new OR before.full_name <> owner || '/' || name
  )
  SELECT ${columns} FROM stored`,
};
const all: Statement = {
  name: "repository_all",
  text: `SELECT ${asServed} FROM repositories ORDER BY owner, name`,
};
const named: Statement = {
  name: "repository_named",
  text: `SELECT ${columns} FROM repositories WHERE ${bearsItsName} ORDER BY owner, name`,
};
const byGithubId: Statement = {
  name: "repository_by_github_id",
  text: `SELECT ${asServed} FROM repositories WHERE github_id = $1`,
};
const byName: Statement = {
  name: "repository_by_name",
  text: `SELECT ${columns} FROM repositories WHERE lower(owner) = lower($1) AND lower(name) = lower($2) AND ${bearsItsName}`,
};
const byId: Statement = {
  name: "repository_by_id",
  text: `SELECT ${asServed} FROM repositories WHERE id = $1`,
};
const changeRepository: Statement = {
  name: "repository_change",
  text: `
  WITH before AS (SELECT enabled, policy FROM repositories WHERE id = $1),
  changed AS (
    UPDATE repositories SET enabled = coalesce($2, enabled), policy = coalesce($3, policy)
     WHERE id = $1 RETURNING ${columns}
  ),
  noted AS (
    INSERT INTO audit_events (actor, source, origin, action, repository_id, repository_full_name, details)
    SELECT $4, $5, $6, 'repository.changed', changed.id, owner || '/' || name,
           jsonb_build_object('enabled', changed.enabled, 'policy', changed.policy, 'before', to_jsonb(before)) FROM changed, before
  ),
  ${forgetPositions},
  ${followPolicy}
  SELECT ${columns} FROM changed`,
};

interface RepositoryRow {
  readonly id: string;
  readonly github_id: string;
  readonly owner: string;
  readonly name: string;
  readonly default_branch: string;
  readonly enabled: boolean;
  readonly policy: Readonly<Record<string, unknown>>;
  readonly created_at: Date;
}

const toRepository = (row: RepositoryRow): Repository => ({
  id: row.id,
  githubId: Number(row.github_id),
  owner: row.owner,
  name: row.name,
  defaultBranch: row.default_branch,
  enabled: row.enabled,
  policy: row.policy,
  createdAt: row.created_at,
});

/** The repositories that Pullwright watches; found by GitHub's id, since names change. */
export class Repositories {
  constructor(private readonly database: Database) {}

  /** Registers a repository or follows its new name or default branch. */
  async upsert(
    repository: {
      readonly githubId: number;
      readonly owner: string;
      readonly name: string;
      readonly defaultBranch: string;
    },
    by: DoneBy = byConfiguration,
  ): Promise<Repository> {
    const { githubId, owner, name, defaultBranch } = repository;
    const [row] = await this.database.query<RepositoryRow>(upsert, [
      githubId,
      owner,
      name,
      defaultBranch,
      ...valuesOf(by),
    ]);
    if (row === undefined)
      throw new Error(`repository ${owner}/${name} was not stored`);
    return toRepository(row);
  }

  /** One of each name; a replaced one is not among them. */
  list(): Promise<Repository[]> {
    return this.#several(named);
  }

  /** Those too whose names are others' now: their runs and deliveries stay. */
  listAll(): Promise<Repository[]> {
    return this.#several(all);
  }

  byGithubId(githubId: number): Promise<Repository | null> {
    return this.#one(byGithubId, [githubId]);
  }

  byName(owner: string, name: string): Promise<Repository | null> {
    return this.#one(byName, [owner, name]);
  }

  byId(id: string): Promise<Repository | null> {
    return this.#one(byId, [id]);
  }

  /** Its budgets follow its policy at once, in other processes a second later. Switched on again, it is read as at first. */
  change(
    id: string,
    change: {
      readonly enabled?: boolean;
      readonly policy?: Readonly<Record<string, unknown>>;
    },
    by: DoneBy = byConfiguration,
  ): Promise<Repository | null> {
    return this.#one(changeRepository, [
      id,
      change.enabled ?? null,
      change.policy ?? null,
      ...valuesOf(by),
    ]);
  }

  async #several(statement: Statement): Promise<Repository[]> {
    const rows = await this.database.query<RepositoryRow>(statement, []);
    return rows.map(toRepository);
  }

  async #one(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<Repository | null> {
    const [row] = await this.database.query<RepositoryRow>(statement, values);
    return row === undefined ? null : toRepository(row);
  }
}
