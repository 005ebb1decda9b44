// eslint-disable-next-line no-restricted-imports -- Postgres is our own server, not an agent: the sandbox's supervisor (limits, tree kill) would end it with us, and libs may not reach up to it
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";

const execFileAsync = promisify(execFile);

/** The operating-system account a Postgres program runs as; absent means ours. */
export interface PostgresAccount {
  readonly uid: number;
  readonly gid: number;
}

interface CommandOptions {
  readonly account: PostgresAccount | undefined;
  /** Must be reachable by the account, else the programs stop at once. */
  readonly cwd: string;
}

/** Nothing of our environment reaches Postgres: neither our secrets nor a `PGPORT` that would mislead it. */
const environment = {
  PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  LC_ALL: "C",
  TZ: "UTC",
};

/** Runs a short program to its end and returns what it printed; throws with its stderr when it fails. */
export async function run(
  program: string,
  argv: readonly string[],
  options: Partial<CommandOptions> = {},
) {
  const { account, cwd } = options;
  const { stdout } = await execFileAsync(program, [...argv], {
    env: environment,
    cwd,
    ...account,
  });
  return stdout;
}

/** Runs a program that reads its work from stdin. */
export async function runWithInput(
  program: string,
  argv: readonly string[],
  input: string,
  options: CommandOptions,
) {
  const { account, cwd } = options;
  const running = execFileAsync(program, [...argv], {
    env: environment,
    cwd,
    ...account,
  });
  running.child.stdin?.end(input);
  await running;
}

/**
 * Starts a server in a process group of its own.
 *
 * Ctrl-C in a terminal reaches the whole foreground group; a Postgres in ours would stop while we still drain.
 */
export function startServer(
  program: string,
  argv: readonly string[],
  logFd: number,
  options: CommandOptions,
) {
  const { account, cwd } = options;
  const child = spawn(program, [...argv], {
    detached: true,
    stdio: ["ignore", logFd, logFd],
    env: environment,
    cwd,
    ...account,
  });
  child.unref();
  return child;
}
