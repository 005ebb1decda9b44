import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { startEmbeddedPostgres } from "@pullwright/platform";
import { freePort } from "@pullwright/testing";
import pg from "pg";

/** A Postgres of the rig's own, which may be hurt. */
export interface RigPostgres {
  readonly url: string;
  /** Where its files lie. */
  readonly folder: string;
  /** Asks it something, on a connection that no service has. */
  query<T extends object>(text: string, values?: unknown[]): Promise<T[]>;
  /** What `pg_ctl -m immediate` does, or a plain SIGKILL: no clean end, a recovery at the next start. */
  crash(signal?: "SIGQUIT" | "SIGKILL"): Promise<void>;
  /** Starts it again on the same port, with what it had committed; not once the rig is closing. */
  restart(): Promise<void>;
  /** Makes it hang, its backends included (SIGSTOP), and go on. */
  suspend(): Promise<void>;
  resume(): Promise<void>;
  close(): Promise<void>;
}

/** What is written reaches the kernel, and a crash of Postgres loses nothing of that; the machine does not crash. */
const settings = {
  fsync: "off",
  max_connections: "400",
  min_wal_size: "32MB",
  max_wal_size: "48MB",
};

/** Longer than anything that the rig itself asks on a busy machine. */
const QUERY_TIMEOUT_MS = 60_000;

export async function startRigPostgres(dataDir: string): Promise<RigPostgres> {
  const port = await freePort();
  const start = () => startEmbeddedPostgres({ dataDir, port, settings });
  let starting = start();
  let server = await starting;
  let isClosing = false;
  const pool = new pg.Pool({
    connectionString: server.url,
    max: 2,
    query_timeout: QUERY_TIMEOUT_MS, // A case that broke off may have left it stopped.
  });
  pool.on("error", () => undefined); // It is killed often; the next query opens another.
  const data = join(server.folder, "data");
  const pidOf = async () => {
    const text = await readFile(join(data, "postmaster.pid"), "utf8");
    return Number.parseInt(text, 10);
  };
  const signal = async (name: NodeJS.Signals) => {
    const postmaster = await pidOf();
    process.kill(postmaster, name); // First: one that is stopped has no more children.
    for (const pid of await childrenOf(postmaster)) tell(pid, name);
  };
  return {
    url: server.url,
    folder: server.folder,
    query: async <T extends object>(text: string, values: unknown[] = []) =>
      (await pool.query<T>(text, values)).rows,
    crash: async (name = "SIGQUIT") => {
      const pid = await pidOf();
      process.kill(pid, name);
      while (await exists(pid)) await pause();
    },
    restart: async () => {
      if (isClosing) throw new Error("Postgres was ended for good.");
      starting = start();
      server = await starting;
    },
    suspend: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    close: async () => {
      // A case may be starting it again while its soak is interrupted.
      isClosing = true;
      await starting.catch(() => undefined);
      await signal("SIGCONT").catch(() => undefined); // It may be down.
      await pool.end();
      await server.stop();
    },
  };
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // A backend that has just ended.
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

async function exists(pid: number): Promise<boolean> {
  const state = await readFile(`/proc/${pid.toString()}/stat`, "utf8").catch(
    () => "",
  );
  return state !== "" && !state.includes(") Z ");
}

async function childrenOf(parent: number): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const parents = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
      return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    }),
  );
  return pids.filter((_, index) => parents[index] === parent).map(Number);
}
