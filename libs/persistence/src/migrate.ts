import { AppError } from "@pullwright/platform";
import { createDataSource } from "./data-source.js";
import { settleHere } from "./stores/settle-here.js";

/** A breaking migration that this program does not know was run: it must not write to this database. */
export class SchemaTooNew extends AppError {
  constructor(unknown: readonly string[]) {
    super(
      "schema_too_new",
      `The database has breaking migrations that this version does not know (${unknown.join(", ")}). Start the newer version, or restore a backup.`,
      { expose: true },
    );
  }
}

/** Serialises migrating processes; the number is arbitrary and ours. */
const MIGRATION_LOCK = 7_423_119_865;
const MIGRATION_TIMEOUT_MS = 10 * 60_000;

/** Brings the schema up to date, one transaction a migration; safe to run from several processes at once. */
export async function migrate(url: string): Promise<readonly string[]> {
  const source = createDataSource({
    url,
    queryTimeoutMs: MIGRATION_TIMEOUT_MS,
    applicationName: "pullwright-migrate",
  });
  await source.initialize();
  const runner = source.createQueryRunner();
  try {
    await runner.query("SELECT pg_advisory_lock($1)", [MIGRATION_LOCK]);
    const done = await source.runMigrations({ transaction: "each" });
    await settleHere(runner);
    return done.map((migration) => migration.name);
  } finally {
    await runner.query("SELECT pg_advisory_unlock($1)", [MIGRATION_LOCK]);
    await runner.release();
    await source.destroy();
  }
}

/**
 * An older program goes on beside a newer schema unless a migration says by its name that it must not: it ends in
 * `Breaking` before the timestamp, such as `DropOldLogsBreaking1795300500000`. The name is all that the older one sees.
 */
const breakingName = /Breaking\d+$/;

/** The migrations that the database lacks; throws when it has a breaking one that this version does not know. */
export async function pendingMigrations(
  url: string,
): Promise<readonly string[]> {
  const source = createDataSource({
    url,
    applicationName: "pullwright-migrate",
  });
  await source.initialize();
  try {
    const known = source.migrations.map(
      (migration) => migration.name ?? migration.constructor.name,
    );
    const [table] = await source.query<{ exists: boolean }[]>(
      "SELECT to_regclass('schema_migrations') IS NOT NULL AS exists",
    );
    const rows =
      table?.exists === true
        ? await source.query<{ name: string }[]>(
            "SELECT name FROM schema_migrations",
          )
        : [];
    const done = new Set(rows.map((row) => row.name));
    const unknown = [...done].filter(
      (name) => !known.includes(name) && breakingName.test(name),
    );
    if (unknown.length > 0) throw new SchemaTooNew(unknown);
    return known.filter((name) => !done.has(name));
  } finally {
    await source.destroy();
  }
}
