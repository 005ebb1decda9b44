import { createHash, randomBytes } from "node:crypto";
import type { Database } from "../database.js";
import {
  all,
  anyAdmin,
  find,
  insert,
  insertOnly,
  liveOf,
  lockKeys,
  revoke,
  touch,
} from "./api-key-statements.js";
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

/** All that is kept of a key, but its hash. */
export interface ApiKeyRecord extends ApiKey {
  /** The first characters, to tell keys apart. */
  readonly prefix: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** What came of revoking a key; `last`: it alone administers everything, and stays. */
export type Revoking = "revoked" | "already" | "last" | "unknown";

/** Keys carry 256 random bits, so a plain SHA-256 is enough to keep them; a slow hash would guard weak secrets only. */
export const hashApiKey = (key: string): string =>
  createHash("sha256").update(key).digest("hex");

const PREFIX_LENGTH = 10;
/** Of a key that somebody made up, the prefix tells a third at most. */
const PREFIX_SHARE = 3;

const prefixOf = (key: string): string =>
  key.slice(0, Math.min(PREFIX_LENGTH, Math.floor(key.length / PREFIX_SHARE)));

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

  /** Those of some keys that still open anything: neither revoked nor expired. */
  async liveOf(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.database.query<Pick<ApiKey, "id">>(liveOf, [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  /** Newest first, those that open nothing any more included. */
  list(): Promise<ApiKeyRecord[]> {
    return this.database.query<ApiKeyRecord>(all, []);
  }

  /** Whether any key that works administers everything. */
  async hasAdmin(): Promise<boolean> {
    return (await this.database.query(anyAdmin, [])).length > 0;
  }

  /** Stores a key; one that is known stays as it is, a revoked one revoked. */
  async store(
    key: {
      readonly key: string;
      readonly name: string;
      readonly scopes: readonly ApiScope[];
      readonly repositoryIds?: readonly string[];
      readonly expiresAt?: Date;
    },
    by: DoneBy = byConfiguration,
  ): Promise<ApiKeyRecord> {
    const [row] = await this.database.query<ApiKeyRecord>(insert, [
      key.name,
      prefixOf(key.key),
      hashApiKey(key.key),
      [...key.scopes],
      key.repositoryIds === undefined ? null : [...key.repositoryIds],
      key.expiresAt ?? null,
      ...valuesOf(by),
    ]);
    if (row === undefined) throw new Error("the API key was not stored");
    return row;
  }

  /**
   * Makes an admin key the only one of its name: those that had the name are revoked in the same commit.
   *
   * @returns false, and nothing is changed, for a key that was revoked, has expired, or was made for less.
   */
  storeOnly(
    { key, name }: { readonly key: string; readonly name: string },
    by: DoneBy = byConfiguration,
  ): Promise<boolean> {
    const values = [name, prefixOf(key), hashApiKey(key), ...valuesOf(by)];
    return this.database.transaction(async (client) => {
      await client.query(lockKeys);
      const { rows } = await client.query({ ...insertOnly, values });
      return rows.length === 1;
    });
  }

  /** Revokes a key for good; the last one that administers everything is spared. */
  async revoke(id: string, by: DoneBy = byConfiguration): Promise<Revoking> {
    const [row] = await this.database.query<{ outcome: Revoking }>(revoke, [
      id,
      ...valuesOf(by),
    ]);
    return row?.outcome ?? "unknown";
  }
}
