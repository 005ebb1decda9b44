import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import {
  hasRedisServer,
  startRedisServer,
  type OwnRedis,
} from "@pullwright/testing";
import { startDirector } from "./__fixtures__/director.js";
import {
  eventually,
  REPOSITORY,
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

const redis: OwnRedis | undefined = hasRedisServer()
  ? await startRedisServer()
  : undefined;
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

// Without a Redis to hurt there is no such case: on Postgres the doorbells go when everything goes.
if (redis !== undefined)
  it("a cancel while Redis is down comes with the heartbeat, and the agent's tree is gone", async () => {
    const run = await sut.run({ body: "agent: hang", until: ["running"] });
    let child = 0;
    await eventually(async () => {
      child = Number(
        /left a child (\d+)/.exec(await sut.logsOf(run.adw_id))?.[1] ?? 0,
      );
      expect(child).toBeGreaterThan(0);
    });
    await redis.kill();
    try {
      expect(await command(run.adw_id, "cancel")).toMatchObject({
        status: 200,
        body: { cancel_requested: true },
      });
      await sut.runOf(run.issue_number, ["cancelled"]);
      expect(await sut.logsOf(run.adw_id)).toMatch(
        /agent process ended \(cancelled.*processes seen, [1-9]\d* ended, 0 left/,
      );
    } finally {
      await redis.restart();
    }
    // What waited while nobody could be rung goes on.
    expect(await sut.run({ body: "agent: fix" })).toMatchObject({
      status: "completed",
    });
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
