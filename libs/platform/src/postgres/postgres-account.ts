import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AppError } from "../error/app-error.js";
import { run, type PostgresAccount } from "./postgres-command.js";

const ACCOUNT_NAME = "postgres";

/**
 * The account that runs Postgres: ours, or `postgres` when we are root, whom Postgres refuses.
 *
 * Not `nobody`: sandboxed agents run as that user and could then read the data.
 */
export async function findAccount(): Promise<PostgresAccount | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  return (await lookUp()) ?? (await create());
}

async function lookUp(): Promise<PostgresAccount | undefined> {
  try {
    const [uid, gid] = await Promise.all([
      run("id", ["-u", ACCOUNT_NAME]),
      run("id", ["-g", ACCOUNT_NAME]),
    ]);
    return { uid: Number.parseInt(uid, 10), gid: Number.parseInt(gid, 10) };
  } catch {
    return undefined; // `id` fails for a name it does not know.
  }
}

async function create(): Promise<PostgresAccount> {
  let cause: unknown;
  try {
    await run("groupadd", ["--system", ACCOUNT_NAME]);
    await run("useradd", [
      "--system",
      "--no-create-home",
      "--gid",
      ACCOUNT_NAME,
      ACCOUNT_NAME,
    ]);
  } catch (error) {
    cause = error; // Another process may have been faster.
  }
  const account = await lookUp();
  if (account) return account;
  throw new AppError(
    "postgres_account_missing",
    `Postgres does not run as root, and the user "${ACCOUNT_NAME}" could not be created. Create it, run as an ordinary user, or set DATABASE_URL.`,
    { cause, expose: true },
  );
}

/** Whether the account can enter the folder: every folder above it lets it through. */
export async function canReach(
  folder: string,
  account: PostgresAccount,
): Promise<boolean> {
  for (let current = resolve(folder); ; current = dirname(current)) {
    if (!(await canEnter(current, account))) return false;
    if (current === dirname(current)) return true;
  }
}

async function canEnter(
  folder: string,
  { uid, gid }: PostgresAccount,
): Promise<boolean> {
  const { uid: owner, gid: group, mode } = await stat(folder);
  if (owner === uid) return (mode & 0o100) !== 0;
  if (group === gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
}
