import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
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

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pullwright-embedded-"));
  await chmod(folder, 0o755);
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

const listenAddress =
  "SELECT current_setting('listen_addresses') AS addresses, current_setting('unix_socket_directories') AS sockets";

describe("the embedded Postgres", () => {
  test("starts, keeps its data between starts, and ends when told", async () => {
    const first = await hold(join(folder, "postgres"));
    await query(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
    await first.stop();
    expect(isRunning(first.pid)).toBe(false);
    const second = await hold(join(folder, "postgres"));
    expect(await query(second.url, "SELECT answer FROM kept")).toEqual([
      { answer: 42 },
    ]);
    await second.stop();
  });

  test("listens on the loopback interface only, and asks for the password", async () => {
    const { url } = await hold(join(folder, "postgres"));
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
    const held = await hold(join(folder, "postgres"));
    const { password } = new URL(held.url);
    expect(
      await readFile(`/proc/${held.pid.toString()}/cmdline`, "utf8"),
    ).not.toContain(password);
    expect((await stat(join(held.folder, "password"))).mode & 0o077).toBe(0);
  });

  test("gets none of our environment", async () => {
    const held = await hold(join(folder, "postgres"));
    const environment = await readFile(
      `/proc/${held.pid.toString()}/environ`,
      "utf8",
    );
    expect(
      environment.split("\0").map((entry) => entry.split("=")[0]),
    ).not.toContain("HOME");
  });

  test("is taken over when its starter was killed", async () => {
    const first = await hold(join(folder, "postgres"));
    await first.kill();
    const second = await hold(join(folder, "postgres"));
    expect(second).toMatchObject({
      pid: first.pid,
      shared: false,
      url: first.url,
    });
    await second.stop();
    expect(isRunning(first.pid)).toBe(false);
  });

  test("is shared with a second process, which leaves it running", async () => {
    const first = await hold(join(folder, "postgres"));
    const second = await hold(join(folder, "postgres"));
    expect(second).toMatchObject({ pid: first.pid, shared: true });
    expect(second.log.join()).toContain("Sharing the Postgres");
    await second.stop();
    expect(await query(first.url, "SELECT 1 AS one")).toEqual([{ one: 1 }]);
  });

  test("is made once when several processes start at the same moment", async () => {
    const all = await Promise.all(
      [1, 2, 3].map(() => hold(join(folder, "postgres"))),
    );
    expect(new Set(all.map(({ pid }) => pid)).size).toBe(1);
    expect(all.filter(({ shared }) => !shared)).toHaveLength(1);
  });

  test("starts after a crash that left its pid file, even when the number is somebody else's now", async () => {
    const first = await hold(join(folder, "postgres"));
    await query(first.url, "CREATE TABLE kept AS SELECT 42 AS answer");
    process.kill(first.pid, "SIGKILL");
    await first.kill();
    const pidFile = join(first.folder, "data", "postmaster.pid");
    const left = await readFile(pidFile, "utf8");
    await writeFile(pidFile, left.replace(/^\d+/, process.pid.toString()));
    const second = await hold(join(folder, "postgres"));
    expect(await query(second.url, "SELECT answer FROM kept")).toEqual([
      { answer: 42 },
    ]);
  });

  test("says in one sentence why it cannot start", async () => {
    const held = await hold(join(folder, "postgres"));
    await held.stop();
    await rm(join(held.folder, "data", "global"), { recursive: true });
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
