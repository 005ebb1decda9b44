import { rm } from "node:fs/promises";
import { claimHome } from "./claim-home.js";
import { DATABASE, initialiseCluster, USER } from "./initialise-cluster.js";
import { findAccount } from "./postgres-account.js";
import { findBinaries } from "./postgres-binaries.js";
import {
  exists,
  passwordOf,
  prepareHome,
  type PostgresHome,
} from "./postgres-home.js";
import {
  findRunning,
  launch,
  stopPostmaster,
  type Running,
} from "./postmaster.js";

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
  stop(): Promise<void>;
}

/**
 * Starts the embedded Postgres of a folder, for one process at a time.
 *
 * The data stays between starts. A Postgres whose starter was killed is taken over; where the starter lives this throws,
 * since whoever joined would lose it with the starter's end.
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
  const log = options.onLog ?? (() => undefined);
  const account = await findAccount();
  const home = await prepareHome(options.dataDir, account);
  await claimHome(home);
  const binaries = await findBinaries(account, home.shared);
  const password = await passwordOf(home);
  if (!(await exists(home.data))) {
    log(`Creating the embedded Postgres in ${home.folder}`);
    await initialiseCluster(home, binaries, password);
  }
  const running =
    (await findRunning(home)) ?? (await launch(home, binaries, options));
  log(describe(home, running));
  return {
    url: `postgresql://${USER}:${password}@127.0.0.1:${running.file.port.toString()}/${DATABASE}`,
    port: running.file.port,
    folder: home.folder,
    stop: async () => {
      await stopPostmaster(home, running.file.pid);
      await rm(home.owner, { force: true });
    },
  };
}

function describe(
  home: PostgresHome,
  { file: { port, pid }, started }: Running,
): string {
  const what = `Postgres in ${home.folder} on 127.0.0.1:${port.toString()} (process ${pid.toString()})`;
  return started
    ? `Started the embedded ${what}`
    : `Took over the ${what}; its starter is gone`;
}
