import { createHash, randomBytes } from "node:crypto";
import type { Database, Statement } from "../database.js";
import { byConfiguration, valuesOf, type DoneBy } from "./audit-note.js";

export const apiScopes = ["read", "trigger", "control", "admin"] as const;
export type ApiScope = (typeof apiScopes)[number];

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  /** Null means every repository. */
  readonly repositoryIds: readonly string[] | null;
}

const find: Statement = {
  name: "api_key_find",
  text: `
  SELECT id, name, scopes, repository_ids AS "repositoryIds" FROM api_keys
   WHERE hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
};

const touch: Statement = {
  name: "api_key_touch",
  text: "UPDATE api_keys SET last_used_at = now() WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')",
};

const insert: Statement = {
  name: "api_key_insert",
  text: `
  WITH before AS (SELECT revoked_at FROM api_keys WHERE hash = $3),
  stored AS (
    INSERT INTO api_keys (name, prefix, hash, scopes, repository_ids, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (hash) DO UPDATE SET revoked_at = NULL
    RETURNING id, name, scopes, repository_ids, xmax = 0 AS is_new
  ),
  noted AS (
    INSERT INTO audit_events (actor, source, origin, action, details)
    SELECT $7, $8, $9, CASE WHEN is_new THEN 'api_key.created' ELSE 'api_key.revived' END,
           jsonb_build_object('key_id', id, 'name', name, 'scopes', scopes, 'repository_ids', repository_ids)
      FROM stored WHERE is_new OR EXISTS (SELECT 1 FROM before WHERE revoked_at IS NOT NULL)
  )
  SELECT id, name, scopes, repository_ids AS "repositoryIds" FROM stored`,
};

const revoke: Statement = {
  name: "api_key_revoke",
  text: `
  WITH revoked AS (UPDATE api_keys SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING id, name),
  noted AS (
    INSERT INTO audit_events (actor, source, origin, action, details)
    SELECT $2, $3, $4, 'api_key.revoked', jsonb_build_object('key_id', id, 'name', name) FROM revoked
  )
  SELECT id FROM revoked`,
};

/** Keys carry 256 random bits, so a plain SHA-256 is enough to keep them; a slow hash would guard weak secrets only. */
export const hashApiKey = (key: string): string =>
  createHash("sha256").update(key).digest("hex");

const PREFIX_LENGTH = 10;
/** Of a key that somebody made up, the prefix tells a third at most. */
const PREFIX_SHARE = 3;

/** A new key, shown once and never stored. */
export const generateApiKey = (): string =>
  `pw_${randomBytes(32).toString("base64url")}`;

/** Who may use the API, and for what. */
export class ApiKeys {
  constructor(private readonly database: Database) {}

  async find(key: string): Promise<ApiKey | null> {
    const [row] = await this.database.query<ApiKey>(find, [hashApiKey(key)]);
    if (row !== undefined) await this.database.query(touch, [row.id]);
    return row ?? null;
  }

  /** Stores a key; storing the same key again changes nothing but revives it. */
  async store(
    key: {
      readonly key: string;
      readonly name: string;
      readonly scopes: readonly ApiScope[];
      readonly repositoryIds?: readonly string[];
      readonly expiresAt?: Date;
    },
    by: DoneBy = byConfiguration,
  ): Promise<ApiKey> {
    const [row] = await this.database.query<ApiKey>(insert, [
      key.name,
      key.key.slice(
        0,
        Math.min(PREFIX_LENGTH, Math.floor(key.key.length / PREFIX_SHARE)),
      ),
      hashApiKey(key.key),
      [...key.scopes],
      key.repositoryIds === undefined ? null : [...key.repositoryIds],
      key.expiresAt ?? null,
      ...valuesOf(by),
    ]);
    if (row === undefined) throw new Error("the API key was not stored");
    return row;
  }

  async revoke(id: string, by: DoneBy = byConfiguration): Promise<boolean> {
    const rows = await this.database.query(revoke, [id, ...valuesOf(by)]);
    return rows.length === 1;
  }
}
