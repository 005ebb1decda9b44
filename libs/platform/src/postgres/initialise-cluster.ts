import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError, messageOf } from "../error/app-error.js";
import type { PostgresBinaries } from "./postgres-binaries.js";
import { run, runWithInput } from "./postgres-command.js";
import { elsewhere, lastLinesOf } from "./postgres-complaint.js";
import { exists, giveTo, type PostgresHome } from "./postgres-home.js";

/** The superuser's name. */
export const USER = "pullwright";
/** The database made at the start. */
export const DATABASE = "pullwright";

/** Builds the cluster beside its place and moves it there whole: a kill in between leaves nothing half made. */
export async function initialiseCluster(
  home: PostgresHome,
  { initdb, postgres }: PostgresBinaries,
  password: string,
) {
  const { account, folder } = home;
  const draft = join(folder, `data.${process.pid.toString()}`);
  const passwordFile = `${draft}.password`;
  await rm(draft, { recursive: true, force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await giveTo(account, passwordFile);
  await mkdir(draft, { mode: 0o700 });
  await giveTo(account, draft);
  try {
    // prettier-ignore
    await run(initdb, [
      "--pgdata", draft, "--username", USER, "--pwfile", passwordFile, "--auth", "scram-sha-256", "--encoding", "UTF8",
      // Built in: the same order of strings on every machine, whatever locales it has.
      "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--no-instructions",
    ], { account, cwd: folder });
    const single = [
      "--single",
      "-D",
      draft,
      "-c",
      "log_min_messages=fatal",
      "template1",
    ];
    await runWithInput(postgres, single, `CREATE DATABASE ${DATABASE}\n`, {
      account,
      cwd: folder,
    });
    await rename(draft, home.data);
  } catch (error) {
    if (await exists(home.data)) return; // Another process was faster.
    throw new AppError(
      "postgres_init_failed",
      `The embedded Postgres could not be created in ${folder}. Its last words: ${lastWordsOf(error)}. ${elsewhere}`,
      { expose: true },
    );
  } finally {
    await rm(passwordFile, { force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

/** What the program that failed printed last, on one line. */
function lastWordsOf(error: unknown): string {
  const { stderr } = z
    .object({ stderr: z.string() })
    .catch({ stderr: "" })
    .parse(error);
  return lastLinesOf(stderr) || messageOf(error);
}
