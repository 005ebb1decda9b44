import type { Database, Statement } from "../database.js";
import { byConfiguration, valuesOf, type DoneBy } from "./audit-note.js";
import { forgetPositions } from "./forget-positions.js";
import type { RepositoryRef } from "./run-record.js";
import { followPolicy } from "./wished-budgets.js";

export interface Repository extends RepositoryRef {
  readonly defaultBranch: string;
  readonly enabled: boolean;
  readonly policy: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
}

const columns = `id, github_id, owner, name, default_branch, enabled, policy, created_at`;

const upsert: Statement = {
  name: "repository_upsert",
  text: `
  WITH before AS (SELECT owner || '/' || name AS full_name FROM repositories WHERE github_id = $1),
  stored AS (
    INSERT INTO repositories (github_id, owner, name, default_branch) VALUES ($1, $2, $3, $4)
    ON CONFLICT (github_id) DO UPDATE
       SET owner = excluded.owner, name = excluded.name, default_branch = excluded.default_branch, updated_at = now()
    RETURNING ${columns}, xmax = 0 AS is_new
  ),
  noted AS (
    INSERT INTO audit_events (actor, source, origin, action, repository_id, repository_full_name, details)
    SELECT $5, $6, $7, CASE WHEN is_new THEN 'repository.added' ELSE 'repository.renamed' END, id, owner || '/' || name,
           jsonb_strip_nulls(jsonb_build_object('github_id', github_id, 'former_name', before.full_name))
      FROM stored LEFT JOIN before ON true WHERE is_new OR before.full_name <> owner || '/' || name
  )
  SELECT ${columns} FROM stored`,
};
const all: Statement = {
  name: "repository_all",
  text: `SELECT ${columns} FROM repositories ORDER BY owner, name`,
};
const byGithubId: Statement = {
  name: "repository_by_github_id",
  text: `SELECT ${columns} FROM repositories WHERE github_id = $1`,
};
const byName: Statement = {
  name: "repository_by_name",
  text: `SELECT ${columns} FROM repositories WHERE lower(owner) = lower($1) AND lower(name) = lower($2) ORDER BY updated_at DESC LIMIT 1`,
};
const byId: Statement = {
  name: "repository_by_id",
  text: `SELECT ${columns} FROM repositories WHERE id = $1`,
};
const changeRepository: Statement = {
  name: "repository_change",
  text: `
  WITH before AS (SELECT enabled, policy FROM repositories WHERE id = $1),
  changed AS (
    UPDATE repositories SET enabled = coalesce($2, enabled), policy = coalesce($3, policy), updated_at = now()
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

  async list(): Promise<Repository[]> {
    const rows = await this.database.query<RepositoryRow>(all, []);
    return rows.map(toRepository);
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

  async #one(
    statement: Statement,
    values: readonly unknown[],
  ): Promise<Repository | null> {
    const [row] = await this.database.query<RepositoryRow>(statement, values);
    return row === undefined ? null : toRepository(row);
  }
}
