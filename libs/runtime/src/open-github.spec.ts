import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { isGitHubError, type GitHub } from "@pullwright/github";
import { startLocalGitHub, type LocalGitHub } from "@pullwright/local-github";
import { loadConfig } from "@pullwright/platform";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  linkTo,
  startTypescript,
  until,
  type TcpLink,
} from "@pullwright/testing";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  migrateDatabase,
  openGitHub,
  openRuntime,
  type Runtime,
} from "./index.js";

const demo = { owner: "octo", name: "demo" };
const quotaLimit = 100;

let server: LocalGitHub;
let runtime: Runtime;
let link: TcpLink;
let environment: Record<string, string>;
let closing: (() => Promise<unknown>)[];

beforeEach(async () => {
  await ensureTemplateDatabase("pullwright_with_queue", async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  const database = await createTestDatabase({
    template: "pullwright_with_queue",
  });
  const linked = await linkTo(database.url);
  link = linked.link;
  const dataDir = await mkdtemp(join(tmpdir(), "pullwright-quota-"));
  server = await startLocalGitHub({ dataDir, rateLimit: quotaLimit });
  for (const login of ["octo", "robot"]) server.addUser({ login });
  await server.createRepository({
    ...demo,
    files: { "README.md": "# Demo\n" },
  });
  server.setCollaborator("octo/demo", "robot", "write");
  server.createIssue({ repo: "octo/demo", title: "A bug", author: "octo" });
  environment = {
    DATABASE_URL: database.url,
    GITHUB_API_URL: server.apiUrl,
    GITHUB_GRAPHQL_URL: server.graphqlUrl,
    GITHUB_SERVER_URL: server.url,
    GITHUB_TOKEN: server.createToken({ user: "robot" }),
    LOG_LEVEL: "fatal",
  };
  runtime = await openRuntime(
    "spec",
    loadConfig({ ...environment, DATABASE_URL: linked.url }),
  );
  closing = [
    () => runtime.shutdown.run("the spec ends"),
    () => link.close(),
    () => server.close(),
    () => database.drop(),
    () => rm(dataDir, { recursive: true, force: true }),
  ];
});
afterEach(async () => {
  for (const close of closing) await close();
});

const ask = (github: GitHub) => github.issues.get(demo, 1);
const faultOf = async (work: Promise<unknown>) =>
  work.then(
    () => "none",
    (error: unknown) => (isGitHubError(error) ? error.fault : String(error)),
  );
/** Another process asks until so many requests are left, and all know. */
const leave = async (remaining: number) => {
  const github = openGitHub(runtime);
  while (github.quota()[0]?.remaining !== remaining) await ask(github);
  await until(async () => {
    const [quota] = await runtime.stores.githubQuota.list();
    return quota?.remaining === remaining;
  }, "what is left is known to all");
};

describe("the quota of one credential", () => {
  test("is one for all processes: a single retry-after silences every one of them", async () => {
    const children = [1, 2, 3].map(() => startAsker());
    try {
      await until(
        () =>
          server.requests().filter(({ status }) => status === 200).length >= 12,
        "all of them ask",
        20_000,
      );
      server.faults.add({
        kind: "rate_limit_secondary",
        retryAfterSeconds: 4,
        times: 1,
      });
      const limited = () =>
        server.requests().find(({ fault }) => fault !== undefined);
      await until(() => limited() !== undefined, "one is told to be silent");
      const startedMs = limited()?.at.getTime() ?? 0;
      const after = () =>
        server
          .requests()
          .map(({ at }) => at.getTime() - startedMs)
          .filter((ms) => ms > 0);
      await until(
        () => after().some((ms) => ms >= 4_000),
        "they ask again",
        10_000,
      );
      // What another process learned is known after a second at the latest; then nobody asks until the time is over.
      expect(after().filter((ms) => ms > 1_600 && ms < 3_950)).toEqual([]);
    } finally {
      for (const child of children) {
        child.kill("SIGKILL");
        if (child.exitCode === null && child.signalCode === null)
          await once(child, "exit");
      }
    }
  });

  test("stays silent in a process that starts amid the pause", async () => {
    server.faults.add({ kind: "rate_limit_secondary", status: 429, times: 1 });
    expect(await faultOf(ask(openGitHub(runtime)))).toBe("rate_limited");
    server.clearRequests();
    expect(await faultOf(ask(openGitHub(runtime)))).toBe("rate_limited");
    expect(server.requests()).toEqual([]);
    const [quota] = await runtime.stores.githubQuota.list();
    expect(quota).toMatchObject({ resource: "core", reason: "secondary" });
    const leftMs = (quota?.pausedUntil?.getTime() ?? 0) - Date.now();
    // No time was named: a minute, as GitHub advises.
    expect(leftMs).toBeGreaterThan(50_000);
    expect(leftMs).toBeLessThanOrEqual(61_000);
  });

  test("is kept for the urgent: looking around stops first, telling next, what people asked for goes on", async () => {
    await leave(25);
    const github = openGitHub(runtime);
    expect(await faultOf(ask(github.as("discovery")))).toBe("rate_limited");
    expect(await faultOf(ask(github.as("status")))).toBe("none");
    await leave(10);
    const later = openGitHub(runtime);
    expect(await faultOf(ask(later.as("status")))).toBe("rate_limited");
    expect(await faultOf(ask(later))).toBe("none");
  });

  test("is counted by class over all processes, and shown as metrics", async () => {
    const [first, second] = [openGitHub(runtime), openGitHub(runtime)];
    await ask(first);
    await ask(second.as("status"));
    await ask(second.as("discovery"));
    await until(async () => {
      const [quota] = await runtime.stores.githubQuota.list();
      return (
        quota?.controlRequests === 1 &&
        quota.statusRequests === 1 &&
        quota.discoveryRequests === 1
      );
    }, "all are counted");
    const [quota] = await runtime.stores.githubQuota.list();
    expect(quota).toMatchObject({
      limit: quotaLimit,
      remaining: quotaLimit - 3,
    });
    expect(quota?.credential).not.toContain(environment["GITHUB_TOKEN"]);
    server.faults.add({ kind: "status", status: 502, times: 1 });
    await faultOf(ask(first));
    server.faults.add({ kind: "reset", times: 1 });
    await faultOf(ask(first));
    const { body } = await runtime.metrics.render();
    expect(body).toMatch(
      /pullwright_github_requests_total\{[^}]*class="control",outcome="failed"[^}]*\} 2/,
    );
    expect(body).toMatch(
      /pullwright_github_requests_total\{[^}]*class="status",outcome="answered"[^}]*\} 1/,
    );
    expect(body).toContain("pullwright_github_quota_remaining");
  });

  test("is another one for GraphQL: counted, shown and paused apart", async () => {
    const github = openGitHub(runtime);
    const graphql = () =>
      faultOf(github.pulls.markReady(demo, { number: 1, nodeId: "PR_nobody" }));
    expect(await graphql()).toBe("not_found"); // That costs, too.
    server.faults.add({
      kind: "rate_limit_secondary",
      retryAfterSeconds: 30,
      match: { path: /graphql/ },
    });
    expect(await graphql()).toBe("rate_limited");
    expect(await faultOf(ask(github))).toBe("none");
    const { body } = await runtime.metrics.render();
    const counted = [
      ...body.matchAll(/^pullwright_github_requests_total\{.*/gm),
    ]
      .map(([line]) => /resource="(\w+)".*outcome="(\w+)".* (\d+)$/.exec(line))
      .map((match) => match?.slice(1).join(" "));
    expect(counted.toSorted()).toEqual([
      "core answered 1",
      "graphql answered 1",
      "graphql limited 1",
    ]);
    await until(async () => {
      const quotas = await runtime.stores.githubQuota.list();
      const kept = quotas.map((quota) => [
        quota.resource,
        quota.controlRequests,
        quota.pausedUntil !== null,
      ]);
      return (
        JSON.stringify(kept.toSorted()) ===
        '[["core",1,false],["graphql",2,true]]'
      );
    }, "both are known to all");
  });

  test("is known here when Postgres is away", async () => {
    const github = openGitHub(runtime);
    await ask(github);
    link.freeze();
    expect(await faultOf(ask(github))).toBe("none");
    await sleep(1_100); // What is known grows old, and is asked for in vain.
    const startedMs = performance.now();
    expect(await faultOf(ask(github))).toBe("none");
    expect(performance.now() - startedMs).toBeLessThan(2_000);
    server.faults.add({
      kind: "rate_limit_secondary",
      retryAfterSeconds: 30,
      times: 1,
    });
    expect(await faultOf(ask(github))).toBe("rate_limited");
    server.clearRequests();
    expect(await faultOf(ask(github))).toBe("rate_limited");
    expect(server.requests()).toEqual([]);
    link.thaw();
  });
});

test("writes of all processes take turns: a burst, then one at a time", async () => {
  const writePace = { burst: 3, refillMs: 300, maxWaitMs: 5_000 };
  const startedMs = Date.now();
  const replicas = [1, 2, 3].map(() => openGitHub(runtime, { writePace }));
  await Promise.all(
    replicas.flatMap((github) =>
      [1, 2].map(() => github.comments.create(demo, 1, "hello")),
    ),
  );
  const times = server
    .requests()
    .filter(({ method }) => method === "POST")
    .map(({ at }) => at.getTime());
  expect(times).toHaveLength(6);
  // Six writes of three processes: three at once, and three that follow 300 ms apart.
  expect((times[5] ?? 0) - startedMs).toBeGreaterThanOrEqual(895);
});

test("GITHUB_WRITES_PER_MINUTE is the pace once the burst is over", async () => {
  const { config } = runtime;
  const github = openGitHub({
    ...runtime,
    config: { ...config, github: { ...config.github, writesPerMinute: 120 } },
  });
  const BURST = 20;
  const startedMs = Date.now();
  for (let write = 0; write <= BURST + 2; write += 1)
    await github.comments.create(demo, 1, "hello");
  const tookMs = Date.now() - startedMs;
  // Three more than the burst, one each half second; the burst itself takes a moment in which more come.
  expect(tookMs).toBeGreaterThanOrEqual(1_450);
});

test("once one process has met the secondary limit, the writes of all follow a second apart", async () => {
  const writePace = { burst: 20, refillMs: 20, maxWaitMs: 10_000 };
  const replicas = [1, 2].map(() => openGitHub(runtime, { writePace }));
  const [first] = replicas;
  if (first === undefined) throw new Error("There is none.");
  server.faults.add({
    kind: "rate_limit_secondary",
    retryAfterSeconds: 1,
    match: { method: "POST" },
    times: 1,
  });
  const write = (github: GitHub) => github.comments.create(demo, 1, "hello");
  expect(await faultOf(write(first))).toBe("rate_limited");
  await sleep(1_100); // The pause is over; being careful is not.
  server.clearRequests();
  await Promise.all(
    replicas.flatMap((github) => [write(github), write(github)]),
  );
  const times = server.requests().map(({ at }) => at.getTime());
  expect(times).toHaveLength(4);
  const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  // A write may arrive a little late, and the next one in time.
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(800);
});

function startAsker(): ChildProcess {
  const path = new URL("./__fixtures__/asking-process.ts", import.meta.url);
  return startTypescript(path, [], {
    env: { ...process.env, ...environment },
    stdio: "inherit",
  });
}
