import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  call,
  claim,
  exitCodes,
  finish,
  pullwright,
  repo,
  startApiUnderTest,
  success,
  trigger,
  type ApiUnderTest,
} from "./__fixtures__/cli-under-test.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

/** The lines that a command prints; it must succeed. */
const printed = async (...argv: string[]): Promise<string[]> => {
  const { exitCode, out, err } = await pullwright(api, argv);
  expect([exitCode, err]).toEqual([exitCodes.ok, ""]);
  return out.trimEnd().split("\n");
};

describe("costs", () => {
  const usage = (costUsd: number) => ({
    ...success,
    usage: {
      inputTokens: 90,
      outputTokens: 10,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costUsd,
    },
  });
  let adwId: string;
  beforeAll(async () => {
    adwId = await trigger(api);
    await finish(api, await claim(api, adwId), usage(0.25));
    await finish(api, await claim(api, adwId), usage(0.5));
  });

  test("are a line for each run, or for each of what is asked for", async () => {
    expect(await printed("costs")).toEqual([
      "COST   TOKENS  ATTEMPTS  RUNNING  RUN",
      `$0.75  200     2         0        ${adwId}`,
    ]);
    expect(await printed("costs", "--group-by", "phase")).toEqual([
      "COST   TOKENS  ATTEMPTS  RUNNING  PHASE",
      "$0.50  100     1         0        plan",
      "$0.25  100     1         0        classify",
    ]);
    const first = ["--group-by", "phase", "--limit", "1"];
    expect(await printed("costs", ...first)).toEqual([
      "COST   TOKENS  ATTEMPTS  RUNNING  PHASE",
      "$0.50  100     1         0        plan",
      "there may be more; see --limit",
    ]);
  });

  test("are those of the days and the repository that are asked for", async () => {
    const head = "COST  TOKENS  ATTEMPTS  RUNNING  RUN";
    expect(await printed("costs", "--to", "2020-01-01")).toEqual([head]);
    const since = ["--from", "2020-01-01", "--repo", repo];
    expect(await printed("costs", ...since)).toHaveLength(2);
    const unknown = await pullwright(api, ["costs", "--repo", "acme/none"]);
    expect(unknown.exitCode).toBe(exitCodes.refused);
  });

  test("say which pull requests were merged", async () => {
    await api.runtime.database.pool.query(
      "UPDATE workflow_runs SET pull_request_number = 7, pull_request_merged_at = '2026-02-03T04:05:06Z' WHERE adw_id = $1",
      [adwId],
    );
    expect(await printed("costs", "--group-by", "pull_request")).toEqual([
      "COST   TOKENS  ATTEMPTS  RUNNING  MERGED      PULL REQUEST",
      `$0.75  200     2         0        2026-02-03  ${repo}#7`,
    ]);
  });

  test("as JSON are what the API answers", async () => {
    const query = { group_by: "day" };
    const { body } = await call(api, "getCosts", { query });
    const lines = await printed("costs", "--group-by", "day", "--json");
    expect(JSON.parse(lines.join("\n"))).toEqual(body);
  });
});

describe("deliveries", () => {
  const record = (guid: string) =>
    api.runtime.stores.deliveries.record({
      source: "webhook",
      guid,
      event: "issues",
      action: "labeled",
      repositoryId: api.repository.githubId,
      repositoryFullName: repo,
      payload: "{}",
    });
  beforeAll(async () => {
    const { id } = await record("one");
    await api.runtime.stores.deliveries.settle(id, {
      verdict: "ignored",
      reason: "nobody\u001b[2J asked",
    });
    await record("two");
  });

  test("are told with their verdict and why, newest first", async () => {
    const [head, two, one] = await printed("deliveries");
    expect(head).toMatch(/^AGE +BY +EVENT +REPOSITORY +VERDICT +RUN +REASON$/);
    expect(two).toMatch(/^\d+s +webhook +issues\.labeled +acme\/shop +open$/);
    expect(one).toMatch(/ ignored +nobody\S+ asked$/);
    expect(one).not.toContain("\u001b");
  });

  test("go on where a page ended", async () => {
    const [, first = "", more = ""] = await printed(
      "deliveries",
      "--limit",
      "1",
    );
    expect(first).toContain("open");
    const cursor = /^more: --cursor (\S+)$/.exec(more)?.[1] ?? "";
    const [, second = ""] = await printed("deliveries", "--cursor", cursor);
    expect(second).toContain("ignored");
  });

  test("are those of one verdict, or all as JSON", async () => {
    const ignored = await printed("deliveries", "--verdict", "ignored");
    expect(ignored).toHaveLength(2);
    const lines = await printed("deliveries", "--repo", repo, "--json");
    expect(JSON.parse(lines.join("\n"))).toMatchObject({
      items: [{ guid: "two" }, { guid: "one" }],
      next_cursor: null,
    });
  });
});

describe("audit", () => {
  let adwId: string;
  beforeAll(async () => {
    adwId = await trigger(api);
    const params = { adw_id: adwId };
    await call(api, "cancelWorkflow", { params });
    await call(api, "deleteWorkflow", { params });
  });

  test("tells who did what to a run, and goes on where a page ended", async () => {
    const [head, deleted, more = ""] = await printed(
      "audit",
      "--run",
      adwId,
      "--limit",
      "1",
    );
    expect(head).toMatch(/^AT +WHO +DID +BY +FROM +RUN +REPOSITORY$/);
    expect(deleted).toMatch(
      new RegExp(
        `^[0-9-]{10} [0-9:]{8} +api:admin +run.deleted +api +127.0.0.1 +${adwId} +${repo}$`,
      ),
    );
    const cursor = /^more: --cursor (\d+)$/.exec(more)?.[1] ?? "";
    const rest = await printed("audit", "--run", adwId, "--cursor", cursor);
    expect(rest.join("\n")).toContain("run.triggered");
    expect(rest.join("\n")).not.toContain("run.deleted");
  });

  test("is filtered as the API filters", async () => {
    const action = ["--action", "run.deleted", "--repo", repo];
    const who = ["--actor", "api:admin", "--from", "2020-01-01T00:00:00Z"];
    expect(await printed("audit", ...action, ...who)).toHaveLength(2);
    const before = ["--to", "2020-01-01T00:00:00Z"];
    expect(await printed("audit", ...before)).toHaveLength(1);
  });

  test("as JSON is one entry a line, all or as many as are asked for", async () => {
    await api.runtime.database.pool.query(
      `INSERT INTO audit_events (actor, source, action, details)
       SELECT 'many', 'api', 'repository.changed', jsonb_build_object('n', n, 'text', E'\u009b\u202e') FROM generate_series(1, 700) n`,
    );
    const all = await printed("audit", "--actor", "many", "--json");
    expect(all).toHaveLength(700);
    expect(all.join("")).not.toMatch(/[\u009b\u202e]/);
    expect(all.map((one) => JSON.parse(one) as unknown)[0]).toMatchObject({
      actor: "many",
      details: { n: 700, text: "\u009b\u202e" },
    });
    const few = ["--actor", "many", "--json", "--limit", "3"];
    expect(await printed("audit", ...few)).toEqual(all.slice(0, 3));
  });

  test("is for admins", async () => {
    const key = await api.keyFor(["read"]);
    for (const argv of [["audit"], ["audit", "--json"]]) {
      const { exitCode, out } = await pullwright({ ...api, key }, argv);
      expect([exitCode, out]).toEqual([exitCodes.refused, ""]);
    }
  });
});

test.each([
  [["audit", "--run", "1"]],
  [["audit", "--from", "yesterday"]],
  [["audit", "--action", "everything", "--json"]],
  [["audit", "--limit", "0", "--json"]],
  [["audit", "--cursor", "7", "--json"]],
  [["costs", "--group-by", "colour"]],
  [["costs", "--from", "yesterday"]],
  [["costs", "--limit", "0"]],
  [["deliveries", "--verdict", "good"]],
  [["deliveries", "--cursor", "bm90LWEtY3Vyc29y"]],
])("a mistake in %j is said, with exit code 2", async (argv) => {
  const { exitCode, err } = await pullwright(api, argv);
  expect(exitCode).toBe(exitCodes.usage);
  expect(err).not.toBe("");
});
