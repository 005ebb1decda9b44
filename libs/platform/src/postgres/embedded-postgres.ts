import { readFile, rm, writeFile } from "node:fs/promises";
import { DATABASE, initialiseCluster, USER } from "./initialise-cluster.js";
import { findAccount } from "./postgres-account.js";
import { findBinaries } from "./postgres-binaries.js";
import {
  exists,
  passwordOf,
  prepareHome,
  type PostgresHome,
} from "./postgres-home.js";
import { findRunning, launch, stopPostmaster } from "./postmaster.js";
import { isAlive, type PostmasterFile } from "./postmaster-file.js";

/** Where and how an embedded Postgres runs. */
export interface EmbeddedPostgresOptions {
  /** The folder of this Postgres, made when missing. */
  readonly dataDir: string;
  /** Default: a free port. */
  readonly port?: number;
  /** Server settings (`postgresql.conf` names) on top of ours. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Told in one sentence what happens. */
  readonly onLog?: (message: string) => void;
}

/** A running embedded Postgres. */
export interface EmbeddedPostgres {
  /** Connection URL with the password in it: a secret. */
  readonly url: string;
  readonly port: number;
  /** The folder the data really lies in; differs from `dataDir` when that was closed to Postgres's user. */
  readonly folder: string;
  /** Another living process started it: `stop` leaves it running. */
  readonly shared: boolean;
  stop(): Promise<void>;
}

/**
 * Starts the embedded Postgres of a folder, or joins the one that already runs there.
 *
 * The data stays between starts. A Postgres whose starter was killed is taken over; one whose starter lives is shared.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const log = options.onLog ?? (() => undefined);
  const account = await findAccount();
  const home = await prepareHome(options.dataDir, account);
  const binaries = await findBinaries(account, home.shared);
  const password = await passwordOf(home);
  if (!(await exists(home.data))) {
    log(`Creating the embedded Postgres in ${home.folder}`);
    await initialiseCluster(home, binaries, password);
  }
  const running =
    (await findRunning(home)) ?? (await launch(home, binaries, options));
  const shared = !(await takeOwnership(home, running.started));
  log(describe(home, running.file, running.started, shared));
  return {
    url: `postgresql://${USER}:${password}@127.0.0.1:${running.file.port.toString()}/${DATABASE}`,
    port: running.file.port,
    folder: home.folder,
    shared,
    stop: async () => {
      if (shared) return;
      await stopPostmaster(home, running.file.pid);
      await rm(home.owner, { force: true });
    },
  };
}

/** Makes us the one that stops it, unless its starter still lives. */
async function takeOwnership(
  home: PostgresHome,
  started: boolean,
): Promise<boolean> {
  const owner = Number.parseInt(
    await readFile(home.owner, "utf8").catch(() => ""),
    10,
  );
  if (!started && Number.isInteger(owner) && isAlive(owner)) return false;
  await writeFile(home.owner, `${process.pid.toString()}\n`);
  return true;
}

function describe(
  home: PostgresHome,
  { port, pid }: PostmasterFile,
  started: boolean,
  shared: boolean,
): string {
  const what = `Postgres in ${home.folder} on 127.0.0.1:${port.toString()} (process ${pid.toString()})`;
  if (started) return `Started the embedded ${what}`;
  return shared
    ? `Sharing the ${what} with the process that started it`
    : `Took over the ${what}; its starter is gone`;
}
