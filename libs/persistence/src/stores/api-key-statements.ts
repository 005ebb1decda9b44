import type { Statement } from "../database.js";

const columns = `id, name, prefix, scopes, repository_ids AS "repositoryIds", created_at AS "createdAt",
         expires_at AS "expiresAt", last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"`;

const isLive = (row: string) =>
  `${row}.revoked_at IS NULL AND (${row}.expires_at IS NULL OR ${row}.expires_at > now())`;

/** Of keys that administer everything one has to live, or nobody can make another. */
const administersAll = (row: string) =>
  `${isLive(row)} AND ${row}.repository_ids IS NULL AND 'admin' = ANY(${row}.scopes)`;

const creation = `jsonb_build_object('key_id', id, 'name', name, 'scopes', scopes, 'repository_ids', repository_ids, 'expires_at', expires_at)`;

export const find: Statement = {
  name: "api_key_find",
  text: `
  SELECT id, name, scopes, repository_ids AS "repositoryIds" FROM api_keys k WHERE hash = $1 AND ${isLive("k")}`,
};

export const liveOf: Statement = {
  name: "api_key_live_of",
  text: `SELECT id FROM api_keys k WHERE id = ANY($1::uuid[]) AND ${isLive("k")}`,
};

export const touch: Statement = {
  name: "api_key_touch",
  text: "UPDATE api_keys SET last_used_at = now() WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')",
};

export const all: Statement = {
  name: "api_key_all",
  text: `SELECT ${columns} FROM api_keys ORDER BY created_at DESC, id`,
};

export const anyAdmin: Statement = {
  name: "api_key_any_admin",
  text: `SELECT 1 FROM api_keys k WHERE ${administersAll("k")} LIMIT 1`,
};

export const insert: Statement = {
  name: "api_key_insert",
  text: `
  WITH stored AS (
    INSERT INTO api_keys (name, prefix, hash, scopes, repository_ids, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (hash) DO UPDATE SET hash = excluded.hash -- Changes nothing, and gives the row back.
    RETURNING *, xmax = 0 AS is_new
  ),
  noted AS (
    INSERT INTO audit_events (actor, source, origin, action, details)
    SELECT $7, $8, $9, 'api_key.created', ${creation} FROM stored WHERE is_new
  )
  SELECT ${columns} FROM stored`,
};

/** Before {@link insertOnly}: it must see every key, and nobody may make or revoke one meanwhile. Reading goes on. */
export const lockKeys = "LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE";

/** A key that is known must be fit to administer everything; otherwise nothing is done, and no row comes back. */
export const insertOnly: Statement = {
  name: "api_key_insert_only",
  text: `
  WITH before AS (SELECT name FROM api_keys WHERE hash = $3),
  stored AS (
    INSERT INTO api_keys AS k (name, prefix, hash, scopes) VALUES ($1, $2, $3, ARRAY['admin'])
    ON CONFLICT (hash) DO UPDATE SET name = excluded.name WHERE ${administersAll("k")}
    RETURNING *, xmax = 0 AS is_new
  ),
  replaced AS (
    UPDATE api_keys SET revoked_at = now()
     WHERE name = $1 AND hash <> $3 AND revoked_at IS NULL AND EXISTS (SELECT 1 FROM stored)
    RETURNING id, name
  ),
  noted AS (
    INSERT INTO audit_events (actor, source, origin, action, details)
    SELECT $4, $5, $6, CASE WHEN is_new THEN 'api_key.created' ELSE 'api_key.configured' END,
           ${creation} || jsonb_strip_nulls(jsonb_build_object('former_name', (SELECT name FROM before)))
      FROM stored WHERE is_new OR name <> (SELECT name FROM before)
    UNION ALL
    SELECT $4, $5, $6, 'api_key.revoked', jsonb_build_object('key_id', id, 'name', name, 'replaced_by', (SELECT id FROM stored))
      FROM replaced
  )
  SELECT id FROM stored`,
};

/**
 * The keys that administer everything are locked in one order and read as they then are, not as they were when the
 * statement began: of two who revoke each other's, the second finds that it would take the last.
 */
export const revoke: Statement = {
  name: "api_key_revoke",
  text: `
  WITH admins AS MATERIALIZED (
    SELECT id FROM api_keys k WHERE ${administersAll("k")} ORDER BY id FOR UPDATE
  ),
  stand AS (SELECT count(*) FILTER (WHERE id = $1) = 1 AND count(*) = 1 AS is_last FROM admins),
  revoked AS (
    UPDATE api_keys SET revoked_at = now()
     WHERE id = $1 AND revoked_at IS NULL AND NOT (SELECT is_last FROM stand)
    RETURNING id, name
  ),
  noted AS (
    INSERT INTO audit_events (actor, source, origin, action, details)
    SELECT $2, $3, $4, 'api_key.revoked', jsonb_build_object('key_id', id, 'name', name) FROM revoked
  )
  SELECT CASE WHEN EXISTS (SELECT 1 FROM revoked) THEN 'revoked'
              WHEN (SELECT is_last FROM stand) THEN 'last'
              ELSE 'already' END AS outcome
    FROM api_keys WHERE id = $1`,
};
