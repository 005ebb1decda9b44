import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
} from "@jest/globals";
import { execFile } from "node:child_process";
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { canReach } from "./postgres-account.js";
import {
  isRunning,
  startHolder,
  type PostgresHolder,
} from "./__fixtures__/postgres-holder.js";

const NOBODY = { uid: 65_534, gid: 65_534 };
const isRoot = process.getuid?.() === 0;
let folder: string;
const holders: PostgresHolder[] = [];

async function openFolder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "pullwright-embedded-"));
  await chmod(made, 0o755);
  return made;
}

beforeEach(async () => {
  folder = await openFolder();
});
afterEach(async () => {
  for (const holder of holders.splice(0)) await holder.destroy();
  await rm(folder, { recursive: true, force: true });
});

async function hold(
  dataDir: string,
  account?: typeof NOBODY,
): Promise<PostgresHolder> {
  const holder = await startHolder(dataDir, { cwd: folder, ...account });
  holders.push(holder);
  return holder;
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql);
    return rows;
  } finally {
    await client.end();
  }
}

/** With the owners: Postgres takes no data of somebody else's. */
async function copy(from: string, to: string): Promise<void> {
  await promisify(execFile)("cp", ["-a", from, to]);
}

const listenAddress =
  "SELECT current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets";

describe("the embedded Postgres", () => {
  let shared: string;
  let running: PostgresHolder;
  beforeAll(async () => {
    shared = await openFolder();
    const first = await startHolder(join(shared, "postgres"), { cwd: shared });
    await query(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
    await first.stop();
    expect(isRunning(first.pid)).toBe(false);
    await copy(join(shared, "postgres"), join(shared, "stopped"));
    running = await startHolder(join(shared, "postgres"), { cwd: shared });
  });
  afterAll(async () => {
    await running.destroy();
    await rm(shared, { recursive: true, force: true });
  });

  /** A test's own, which was made and has ended: making one takes longer than all that is done with it. */
  const copyStopped = () =>
    copy(join(shared, "stopped"), join(folder, "postgres"));

  test("starts, keeps its data between starts, and ends when told", async () => {
    expect(await query(running.url, "SELECT answer FROM kept")).toEqual([
      { answer: 42 },
    ]);
  });

  test("listens on the loopback interface only, and asks for the password", async () => {
    const { url } = running;
    expect(await query(url, listenAddress)).toEqual([
      { addresses: "127.0.0.1", sockets: "" },
    ]);
    const guess = new URL(url);
    guess.password = "postgres";
    await expect(query(guess.href, "SELECT 1")).rejects.toThrow(
      "password authentication failed",
    );
  });

  test("shows its password to no other user: not in arguments, not in a file", async () => {
    const { password } = new URL(running.url);
    expect(
      await readFile(`/proc/${running.pid.toString()}/cmdline`, "utf8"),
    ).not.toContain(password);
    expect((await stat(join(running.folder, "password"))).mode & 0o077).toBe(0);
  });

  test("gets none of our environment", async () => {
    // Only its own user may read it: in a plain container root may not.
    const { uid, gid } = await stat(`/proc/${running.pid.toString()}`);
    const { stdout: environment } = await promisify(execFile)(
      "cat",
      [`/proc/${running.pid.toString()}/environ`],
      { uid, gid, cwd: "/" },
    );
    expect(environment).toContain("=");
    expect(
      environment.split("\0").map((entry) => entry.split("=")[0]),
    ).not.toContain("HOME");
  });

  test("is taken over when its starter was killed", async () => {
    await copyStopped();
    const first = await hold(join(folder, "postgres"));
    await first.kill();
    const second = await hold(join(folder, "postgres"));
    expect(second).toMatchObject({ pid: first.pid, url: first.url });
    await second.stop();
    expect(isRunning(first.pid)).toBe(false);
  });

  test("is refused to a second process, which names the first and leaves it running", async () => {
    await copyStopped();
    const first = await hold(join(folder, "postgres"));
    await expect(hold(join(folder, "postgres"))).rejects.toThrow(
      `WORK_DIR: the embedded Postgres in ${first.folder} is in use by process ${first.holderPid.toString()}: end that one, or set another folder`,
    );
    expect(await query(first.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await first.stop();
    await (await hold(join(folder, "postgres"))).stop();
  });

  test("is not refused because of a later process of the same number", async () => {
    await copyStopped();
    const first = await hold(join(folder, "postgres"));
    await first.kill();
    const own = await readFile(join(first.folder, "owner"), "utf8");
    const later = own.replace(/^\d+/, process.pid.toString());
    await writeFile(join(first.folder, "owner"), later);
    const second = await hold(join(folder, "postgres"));
    expect(second.pid).toBe(first.pid);
    await second.stop();
  });

  test("is made for one of several processes that start at the same moment", async () => {
    const all = await Promise.allSettled(
      [1, 2, 3].map(() => hold(join(folder, "postgres"))),
    );
    const refusals = all.flatMap((one) =>
      one.status === "rejected" ? [String(one.reason)] : [],
    );
    expect(refusals).toEqual([
      expect.stringContaining("is in use by process"),
      expect.stringContaining("is in use by process"),
    ]);
  });

  test("starts after a crash that left its pid file, even when the number is somebody else's now", async () => {
    await copyStopped();
    const first = await hold(join(folder, "postgres"));
    await query(first.url, "INSERT INTO kept VALUES (43)");
    process.kill(first.pid, "SIGKILL");
    await first.kill();
    const pidFile = join(first.folder, "data", "postmaster.pid");
    const left = await readFile(pidFile, "utf8");
    await writeFile(pidFile, left.replace(/^\d+/, process.pid.toString()));
    const second = await hold(join(folder, "postgres"));
    expect(await query(second.url, "SELECT answer FROM kept")).toEqual([
      { answer: 42 },
      { answer: 43 },
    ]);
  });

  test("says in one sentence why it cannot start", async () => {
    await copyStopped();
    await rm(join(folder, "postgres", "data", "global"), { recursive: true });
    await expect(hold(join(folder, "postgres"))).rejects.toThrow(
      /did not start\. Its last words .*server\.log\): .*global/,
    );
  });
});

// Run by root, the suite above ran Postgres as another user; this one is what everybody else gets.
test("an ordinary user needs nothing but the folder", async () => {
  const here = fileURLToPath(new URL(".", import.meta.url));
  const account = isRoot && (await canReach(here, NOBODY)) ? NOBODY : undefined;
  const dataDir = join(folder, "postgres");
  await mkdir(dataDir);
  if (account) await chown(dataDir, account.uid, account.gid);
  const held = await hold(dataDir, account);
  expect(await query(held.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  expect((await stat(join(held.folder, "data"))).uid).toBe(held.uid);
  await held.stop();
});

if (isRoot) {
  test("root's Postgres goes where its user can enter, and the wanted folder says where", async () => {
    const closed = join(folder, "closed");
    await mkdir(closed, { mode: 0o700 });
    const held = await hold(join(closed, "postgres"));
    try {
      expect(held.folder).not.toContain(closed);
      expect(
        (await readFile(join(closed, "postgres", "location"), "utf8")).trim(),
      ).toBe(held.folder);
      await query(held.url, "CREATE TABLE kept AS SELECT 42 AS answer");
      await held.stop();
      const again = await hold(join(closed, "postgres"));
      expect(await query(again.url, "SELECT answer FROM kept")).toEqual([
        { answer: 42 },
      ]);
      await again.stop();
    } finally {
      await rm(held.folder, { recursive: true, force: true });
    }
  });
}
