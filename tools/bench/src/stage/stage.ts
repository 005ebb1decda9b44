import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  loadConfig,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
} from "@pullwright/platform";
import { migrateDatabase } from "@pullwright/runtime";
import { hasRedisServer, startRedisServer } from "@pullwright/testing";
import pg from "pg";
import type { ChildProcess } from "node:child_process";

/**
 * More than the rounds between two checkpoints write. A file of the log that has to be made is filled with zeros and synced
 * while all commits wait, some 50 ms each: without this, p99 of the gateway was 57 ms instead of 18, that of the bare server too.
 */
const RECYCLED_WAL_MB = 1_024;

/** What all benches share: a Postgres that syncs to disk, a Redis with an append-only file, and a folder. */
export class Stage {
  /** Readable by other users: agents and Postgres are not root. */
  readonly folder: string;
  readonly redisUrl: string | null;
  readonly #postgres: EmbeddedPostgres;
  readonly #closers: (() => Promise<unknown>)[] = [];
  readonly #children = new Set<ChildProcess>();
  #databases = 0;
  #closed: Promise<void> | undefined;

  private constructor(
    folder: string,
    postgres: EmbeddedPostgres,
    redisUrl: string | null,
  ) {
    this.folder = folder;
    this.#postgres = postgres;
    this.redisUrl = redisUrl;
  }

  static async open(): Promise<Stage> {
    const folder = await mkdtemp(join(tmpdir(), "pullwright-bench-"));
    await chmod(folder, 0o755);
    const postgres = await startEmbeddedPostgres({
      dataDir: join(folder, "postgres"),
      // Checkpoints amid a round would hit one contender and not the other.
      settings: {
        min_wal_size: `${(RECYCLED_WAL_MB + 512).toString()}MB`,
        max_wal_size: "8GB",
        checkpoint_timeout: "1h",
      },
    });
    const given = process.env["REDIS_URL"];
    const redis = given || !hasRedisServer() ? null : await startRedisServer();
    const stage = new Stage(folder, postgres, given ?? redis?.url ?? null);
    if (redis) stage.onClose(() => redis.close());
    await stage.#fillWal();
    return stage;
  }

  /** What the write-ahead log holds so far is free to be used again. */
  async checkpoint(): Promise<void> {
    await this.#admin("CHECKPOINT");
  }

  /** The log of a Postgres that has run for a while: its files are used again, and none has to be made amid a round. */
  async #fillWal(): Promise<void> {
    await this.#admin(
      `DO $$ BEGIN FOR i IN 1..${RECYCLED_WAL_MB.toString()} LOOP
         PERFORM pg_logical_emit_message(false, 'bench', repeat('x', 1024 * 1024));
       END LOOP; END $$`,
    );
    await this.checkpoint();
  }

  /** A database of its own with all tables, those of the queue included. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `bench_${this.#databases.toString()}`;
    await this.#admin(`CREATE DATABASE ${name}`);
    const url = new URL(this.#postgres.url);
    url.pathname = `/${name}`;
    await migrateDatabase(loadConfig({}), url.href);
    return url.href;
  }

  /** Connections that are closed with the bench; one alone unless told. */
  pool(url: string, max = 1): pg.Pool {
    const pool = new pg.Pool({ connectionString: url, max });
    pool.on("error", () => undefined); // The Postgres ends with the bench, and so do they.
    this.onClose(() => pool.end());
    return pool;
  }

  /** Whether it has begun to close: what is measured from here on is cut short, and nothing new is to be begun. */
  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /** Ends the process with the bench, whatever happens, and at once where the bench has ended before. */
  adopt(child: ChildProcess): void {
    if (this.isClosed) child.kill("SIGKILL");
    this.#children.add(child);
    child.once("exit", () => this.#children.delete(child));
  }

  onClose(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  /** Once, however often it is asked for. */
  close(): Promise<void> {
    return (this.#closed ??= this.#end());
  }

  async #admin(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.#postgres.url });
    client.on("error", () => undefined); // An interrupted bench ends its Postgres.
    await client.connect();
    await client.query(statement);
    await client.end();
  }

  async #end(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const close of this.#closers.reverse()) await close();
    await this.#postgres.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
