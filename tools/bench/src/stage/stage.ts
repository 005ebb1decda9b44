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
      settings: { max_wal_size: "8GB", checkpoint_timeout: "1h" },
    });
    const given = process.env["REDIS_URL"];
    const redis = given || !hasRedisServer() ? null : await startRedisServer();
    const stage = new Stage(folder, postgres, given ?? redis?.url ?? null);
    if (redis) stage.onClose(() => redis.close());
    return stage;
  }

  /** A database of its own with all tables, those of the queue included. */
  async database(): Promise<string> {
    this.#databases += 1;
    const name = `bench_${this.#databases.toString()}`;
    const client = new pg.Client({ connectionString: this.#postgres.url });
    await client.connect();
    await client.query(`CREATE DATABASE ${name}`);
    await client.end();
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

  async #end(): Promise<void> {
    for (const child of this.#children) child.kill("SIGKILL");
    for (const close of this.#closers.reverse()) await close();
    await this.#postgres.stop();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
