import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
} from "@jest/globals";
import type { GitHub } from "@pullwright/github";
import type { Fault, LocalGitHub } from "@pullwright/local-github";
import { until, type TcpLink } from "@pullwright/testing";
import { setTimeout as sleep } from "node:timers/promises";
import {
  demo,
  faultOf,
  oneCredential,
  quotaLimit,
  startDemo,
  type OneCredential,
} from "./__fixtures__/one-credential.js";
import { openGitHub, type Runtime } from "./index.js";

let server: LocalGitHub;
beforeAll(async () => {
  server = await startDemo();
});
afterAll(() => server.close());

let sut: OneCredential;
let runtime: Runtime;
let link: TcpLink;
beforeEach(async () => {
  sut = await oneCredential(server);
  ({ runtime, link } = sut);
});
afterEach(() => sut.close());

const SILENCE_S = 6;

const ask = (github: GitHub) => github.issues.get(demo, 1);
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
  test("is one for all processes: a single retry-after, or answer that nothing remains until the reset, silences every one of them", async () => {
    const busy = await startDemo({ rateLimit: 100_000 });
    const shared = await oneCredential(busy);
    try {
      for (let nth = 1; nth <= 3; nth += 1) shared.start("asking-process.ts");
      for (const kind of [
        "rate_limit_secondary",
        "rate_limit_primary",
      ] as const) {
        busy.clearRequests();
        await until(
          () =>
            busy.requests().filter(({ status }) => status === 200).length >= 12,
          "all of them ask",
          60_000, // Three processes start, on a busy machine.
        );
        busy.faults.add({ kind, retryAfterSeconds: SILENCE_S, times: 1 });
        const limited = () =>
          busy.requests().find(({ fault }) => fault !== undefined);
        await until(() => limited() !== undefined, "one is told to be silent");
        const startedMs = limited()?.at.getTime() ?? 0;
        const after = () =>
          busy
            .requests()
            .map(({ at }) => at.getTime() - startedMs)
            .filter((ms) => ms > 0);
        const overMs = SILENCE_S * 1_000;
        await until(() => after().some((ms) => ms >= overMs), "they ask again");
        // What another process learned is known after a second, or some on a busy machine; then nobody asks until the time is over.
        expect(after().filter((ms) => ms > 4_000 && ms < overMs - 50)).toEqual(
          [],
        );
      }
    } finally {
      await shared.close();
      await busy.close();
    }
  }, 120_000);

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
    expect(quota?.credential).not.toContain(sut.environment["GITHUB_TOKEN"]);
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
    server.faults.add({
      kind: "status",
      status: 403,
      times: 1,
      match: { path: /graphql/ },
    });
    expect(await graphql()).toBe("forbidden"); // That costs, too.
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

  test("of GraphQL is silenced in all processes by a limit with status 200 as well", async () => {
    const graphql = () =>
      faultOf(
        openGitHub(runtime).pulls.markReady(demo, {
          number: 1,
          nodeId: "PR_nobody",
        }),
      );
    server.faults.add({
      kind: "rate_limit_secondary",
      status: 200,
      retryAfterSeconds: 30,
      times: 1,
    });
    expect(await graphql()).toBe("rate_limited");
    server.clearRequests();
    expect(await graphql()).toBe("rate_limited");
    expect(server.requests()).toEqual([]);
    const quotas = await runtime.stores.githubQuota.list();
    const quota = quotas.find(({ resource }) => resource === "graphql");
    expect(quota?.reason).toBe("secondary");
    const leftMs = (quota?.pausedUntil?.getTime() ?? 0) - Date.now();
    expect(leftMs).toBeGreaterThan(20_000);
    expect(leftMs).toBeLessThanOrEqual(31_000);
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

test.each<[string, Fault]>([
  ["answers 502", { kind: "status", status: 502 }],
  ["sends half of its answers", { kind: "truncate" }],
  ["cuts the connection", { kind: "reset" }],
])(
  "a GitHub that %s is shown as away, until its first answer",
  async (_what, fault) => {
    const github = openGitHub(runtime);
    const shown = async () => {
      const { body } = await runtime.metrics.render();
      return /^pullwright_github_unavailable(?:\{.*\})? (\d)$/m.exec(body)?.[1];
    };
    server.faults.add(fault);
    for (let nth = 1; nth <= 2; nth += 1)
      expect(await faultOf(ask(github))).toBe("unavailable");
    expect(await shown()).toBe("0"); // It happens.
    await faultOf(ask(github));
    expect(await shown()).toBe("1");
    server.faults.clear();
    await ask(github);
    expect(await shown()).toBe("0");
  },
);
