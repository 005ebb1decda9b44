import { afterAll, beforeAll, describe, expect, it, jest } from "@jest/globals";
import { redisForTests, type TestRedis } from "@pullwright/testing";
import {
  eventually,
  REPOSITORY,
  startInstallation,
  type Installation,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

const redis: TestRedis | undefined = await redisForTests();
afterAll(() => redis?.close());

// Where there is no Redis (with CI=true that fails), the same holds on Postgres.
describe(`the product with its queue on ${redis === undefined ? "Postgres" : "Redis"}`, () => {
  let sut: Installation;
  beforeAll(async () => {
    sut = await startInstallation({ redisUrl: redis?.url });
  });
  afterAll(() => sut.stop());

  it("makes a tested pull request of an issue, mending what the tests found", async () => {
    const run = await sut.run({ body: "agent: fix_in_round_two" });
    expect(run).toMatchObject({
      status: "completed",
      outcome: "pull_request",
    });
    expect(
      sut.github
        .listPulls(REPOSITORY)
        .filter((pull) => pull.head.ref === run.branch_name),
    ).toMatchObject([{ draft: false }]);
  });

  it("cancels a live run", async () => {
    const run = await sut.run({ body: "agent: hang", until: ["running"] });
    await eventually(async () => {
      expect(await sut.logsOf(run.adw_id)).toContain("left a child");
    });
    sut.github.comment(REPOSITORY, run.issue_number, "/cancel", "ada");
    await sut.runOf(run.issue_number, ["cancelled"]);
    await eventually(async () => {
      expect(await sut.logsOf(run.adw_id)).toMatch(/cancelled[\s\S]*, 0 left/);
    });
  });
});
