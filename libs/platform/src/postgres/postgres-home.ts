import { createHash, randomBytes } from "node:crypto";
import {
  chmod,
  chown,
  link,
  mkdir,
  readFile,
  realpath,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { canReach } from "./postgres-account.js";
import type { PostgresAccount } from "./postgres-command.js";

/** The folder that holds one embedded Postgres, and the paths inside it. */
export interface PostgresHome {
  readonly folder: string;
  readonly data: string;
  readonly serverLog: string;
  readonly owner: string;
  /** Where a copy of the binaries may lie when the packaged ones cannot be reached. */
  readonly shared: string;
  readonly account: PostgresAccount | undefined;
}

/** Where data of root's Postgres goes when the wanted folder cannot be entered by its user. */
const SYSTEM_FOLDER = "/var/lib/pullwright";

/**
 * Decides where the data lies and writes it down: in the wanted folder, or, when we are root and that folder is
 * closed to Postgres's user, under /var/lib; `<wanted>/location` then says where.
 */
export async function prepareHome(
  wanted: string,
  account: PostgresAccount | undefined,
): Promise<PostgresHome> {
  await mkdir(wanted, { recursive: true });
  const folder =
    account && !(await canReach(wanted, account))
      ? await openFolderFor(wanted)
      : await realpath(wanted);
  // Postgres's user must get through; nobody else needs to look.
  await chmod(folder, account ? 0o711 : 0o700);
  return {
    folder,
    data: join(folder, "data"),
    serverLog: join(folder, "server.log"),
    owner: join(folder, "owner"),
    shared: SYSTEM_FOLDER,
    account,
  };
}

async function openFolderFor(wanted: string): Promise<string> {
  const record = join(wanted, "location");
  const recorded = await readFile(record, "utf8").catch(() => "");
  const name = createHash("sha256")
    .update(await realpath(wanted))
    .digest("hex");
  const folder =
    recorded.trim() || join(SYSTEM_FOLDER, `postgres-${name.slice(0, 12)}`);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await writeFile(record, `${folder}\n`);
  return folder;
}

/** Reads the superuser's password, making it at the first start; two starting processes agree on one. */
export async function passwordOf(home: PostgresHome): Promise<string> {
  const file = join(home.folder, "password");
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  if (!(await exists(file))) {
    await writeFile(draft, randomBytes(24).toString("base64url"), {
      mode: 0o600,
      flag: "wx",
    });
    // A hard link appears whole or not at all, and never replaces what another process made.
    await link(draft, file).catch(() => undefined);
    await rm(draft, { force: true });
  }
  return (await readFile(file, "utf8")).trim();
}

/** Gives a path to the account that runs Postgres. */
export async function giveTo(
  account: PostgresAccount | undefined,
  path: string,
): Promise<void> {
  if (account) await chown(path, account.uid, account.gid);
}

/** Whether something lies at the path. */
export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
