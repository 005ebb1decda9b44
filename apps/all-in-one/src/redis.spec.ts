import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import {
  hasRedisServer,
  redisForTests,
  startRedisServer,
  type OwnRedis,
  type TestRedis,
} from "@pullwright/testing";
import { startDirector } from "./__fixtures__/director.js";
import {
  eventually,
  REPOSITORY,
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";
import { processesOf } from "./__fixtures__/processes-of.js";

jest.setTimeout(240_000);

/** One that may be hurt, else the one that specs share. */
const own: OwnRedis | undefined = hasRedisServer()
  ? await startRedisServer()
  : undefined;
const redis: TestRedis | undefined = own ?? (await redisForTests());
let sut: Installation;
beforeAll(async () => {
  sut = await startInstallation({
    redisUrl: redis?.url,
    environment: { HEARTBEAT_INTERVAL_SECONDS: "1" },
  });
});
afterAll(() => sut.stop());
afterAll(() => redis?.close());

const command = (adwId: string, name: "cancel" | "retry", body = {}) =>
  sut.call(`/api/workflows/${adwId}/${name}`, { method: "POST", body });

const pullsOf = (branch: string) =>
  sut.github.listPulls(REPOSITORY).filter((pull) => pull.head.ref === branch);

// Where there is no Redis (with CI=true that fails), the same holds on Postgres.
describe(`the product with its queue on ${redis === undefined ? "Postgres" : "Redis"}`, () => {
  it("makes a tested pull request of an issue, mending what the tests found", async () => {
    const run = await sut.run({ body: "agent: fix_in_round_two" });
    expect(run).toMatchObject({
      status: "completed",
      outcome: "pull_request",
    });
    expect(pullsOf(run.branch_name)).toMatchObject([{ draft: false }]);
  });

  it("cancels a live run", async () => {
    const run = await sut.run({
      body: "agent: hang",
      label: "adw:adw_build",
      until: ["running"],
    });
    await eventually(async () => {
      expect(await sut.logsOf(run.adw_id)).toContain("left a child");
    });
    sut.github.comment(REPOSITORY, run.issue_number, "/cancel", "ada");
    await sut.runOf(run.issue_number, ["cancelled"]);
    await eventually(async () => {
      expect(await sut.logsOf(run.adw_id)).toMatch(/cancelled[\s\S]*, 0 left/);
    });
    expect(await processesOf(run.adw_id)).toEqual([]);
  });
});

// Without a Redis to hurt there is no such case: on Postgres the doorbells go when everything goes.
if (own !== undefined)
  it("a cancel while Redis is down comes with the heartbeat, and the agent's tree is gone", async () => {
    const run = await sut.run({
      body: "agent: hang",
      label: "adw:adw_build",
      until: ["running"],
    });
    await eventually(async () => {
      expect(await sut.logsOf(run.adw_id)).toContain("left a child");
    });
    expect((await processesOf(run.adw_id)).length).toBeGreaterThan(1);
    await own.kill();
    try {
      expect(await command(run.adw_id, "cancel")).toMatchObject({
        status: 200,
        body: { cancel_requested: true },
      });
      await sut.runOf(run.issue_number, ["cancelled"]);
      expect(await sut.logsOf(run.adw_id)).toMatch(
        /agent process ended \(cancelled.*processes seen, [1-9]\d* ended, 0 left/,
      );
      expect(await processesOf(run.adw_id)).toEqual([]);
    } finally {
      await own.restart();
    }
    // What waited while nobody could be rung goes on.
    expect(
      await sut.run({ body: "agent: fix", label: "adw:adw_build" }),
    ).toMatchObject({ status: "completed" });
  });

/** What the API promises is two seconds; a slow machine gets more. */
const ANSWER_WITHIN_MS = 5_000;

/** The answer; null where it takes too long. */
const inTime = <T>(answer: Promise<T>): Promise<T | null> =>
  Promise.race([answer, sleep(ANSWER_WITHIN_MS, null)]);

if (own !== undefined)
  it("a cancel and a trigger while Redis hangs are answered in time, and come true", async () => {
    const live = await sut.run({
      body: "agent: hang",
      label: "adw:adw_build",
      until: ["running"],
    });
    await eventually(async () => {
      expect(await sut.logsOf(live.adw_id)).toContain("left a child");
    });
    const { number: issue_number } = sut.github.createIssue({
      repo: REPOSITORY,
      title: "The sum is wrong",
      body: "agent: fix",
      author: "ada",
    });
    own.suspend();
    try {
      expect(await inTime(command(live.adw_id, "cancel"))).toMatchObject({
        status: 200,
        body: { cancel_requested: true },
      });
      const body = {
        issue_number,
        workflow: "adw_build",
        repository: REPOSITORY,
      };
      const path = "/api/workflows/trigger";
      expect(
        await inTime(sut.call(path, { method: "POST", body })),
      ).toMatchObject({ status: 202 });
    } finally {
      own.resume();
    }
    await sut.runOf(live.issue_number, ["cancelled"]);
    expect(await processesOf(live.adw_id)).toEqual([]);
    expect(
      await sut.runOf(issue_number, ["completed", "failed"]),
    ).toMatchObject({ status: "completed", outcome: "pull_request" });
  });

describe("a cancel while a commit is being pushed", () => {
  it("lets the push end, opens no pull request, and keeps what was built for a retry", async () => {
    const director = await startDirector(() => {
      sut.github.faults.add({
        kind: "stall",
        match: { method: "POST", path: /git-receive-pack/ },
        stallMs: 5_000,
        times: 1,
      });
      return Promise.resolve("fix");
    });
    const run = await sut.run({ body: director.line, until: ["running"] });
    // The diff is kept right before the push.
    await eventually(async () => {
      const { body } = await sut.call(`/api/workflows/${run.adw_id}/artifacts`);
      expect(JSON.stringify(body)).toContain("build-1.diff");
    }, 90_000);
    expect(await command(run.adw_id, "cancel")).toMatchObject({
      status: 200,
      body: { status: "running", cancel_requested: true },
    });
    const cancelled = await sut.runOf(run.issue_number, ["cancelled"]);
    expect(await sut.logsOf(run.adw_id)).toMatch(/pushed [0-9a-f]{12} on /);
    expect(
      await sut.github.readFile(REPOSITORY, run.branch_name, "sum.mjs"),
    ).toContain("a + b");
    expect(pullsOf(cancelled.branch_name)).toEqual([]);

    const retry = await command(run.adw_id, "retry", { phase: "test" });
    expect(retry).toMatchObject({ status: 200 });
    const again = await sut.runOf(run.issue_number, ["completed", "failed"]);
    expect(again).toMatchObject({
      status: "completed",
      outcome: "pull_request",
    });
    expect(pullsOf(run.branch_name)).toHaveLength(1);
    expect(director.turns).toBe(1);
    await director.close();
  });
});
