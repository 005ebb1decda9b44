import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  call,
  claim,
  exitCodes,
  fail,
  finish,
  newIssue,
  pullwright,
  repo,
  startApiUnderTest,
  type ApiUnderTest,
} from "./__fixtures__/cli-under-test.js";

const otherRepo = "acme/elsewhere";

let api: ApiUnderTest;
let failed: string;
let pending: string;
let planned: string;
let elsewhere: string;
beforeAll(async () => {
  api = await startApiUnderTest();
  const created = await api.github.createRepository({
    owner: "acme",
    name: "elsewhere",
    files: { "README.md": "# elsewhere\n" },
  });
  await api.runtime.stores.repositories.upsert({
    githubId: created.id,
    owner: "acme",
    name: "elsewhere",
    defaultBranch: "main",
  });
  // Both repositories have an issue 1, so that its number alone does not name a run.
  failed = await start(newIssue(api), repo);
  pending = await start(newIssue(api), repo);
  planned = await start(newIssue(api), repo, "adw_plan");
  const title = "Look elsewhere";
  const issue = { repo: otherRepo, title, author: "ada" };
  elsewhere = await start(api.github.createIssue(issue).number, otherRepo);
  await finish(api, await claim(api, failed));
  await fail(api, failed);
});
afterAll(() => api.close());

async function start(
  issue_number: number,
  repository: string,
  workflow = "adw_plan_build_test",
): Promise<string> {
  const body = { issue_number, repository, workflow };
  return (await call(api, "triggerWorkflow", { body })).body.adw_id;
}

/** The rows below the head, each split where its columns are. */
async function list(...filters: string[]): Promise<string[][]> {
  const { out, exitCode } = await pullwright(api, ["list", ...filters]);
  expect(exitCode).toBe(exitCodes.ok);
  const [, ...rows] = out.trimEnd().split("\n");
  return rows.map((row) => row.split(/ {2,}/));
}

describe("list", () => {
  test("prints a table of the runs, newest first", async () => {
    const { out, exitCode } = await pullwright(api, ["list"]);
    expect(exitCode).toBe(exitCodes.ok);
    const [head, ...rows] = out.trimEnd().split("\n");
    expect(head).toMatch(
      /^RUN +STATUS +ISSUE +WORKFLOW +PHASE +COST +AGE +TITLE$/,
    );
    expect(rows).toEqual([
      expect.stringMatching(
        `^${elsewhere} +pending +${otherRepo}#1 +plan_build_test +classify .*Look elsewhere$`,
      ),
      expect.stringMatching(
        `^${planned} +pending +${repo}#3 +plan +classify .*Totals are wrong$`,
      ),
      expect.stringMatching(`^${pending} +pending +${repo}#2 `),
      expect.stringMatching(
        `^${failed} +failed +${repo}#1 +plan_build_test +plan .*Totals are wrong$`,
      ),
    ]);
    // Columns stand below their heads.
    for (const row of rows)
      expect(row.indexOf("acme/")).toBe(head?.indexOf("ISSUE"));
  });

  test("keeps to each filter, and to several at once", async () => {
    const ids = async (...filters: string[]) =>
      (await list(...filters)).map(([id]) => id);
    expect(await ids("--status", "failed")).toEqual([failed]);
    expect(await ids("--repo", otherRepo)).toEqual([elsewhere]);
    expect(await ids("--workflow", "adw_plan")).toEqual([planned]);
    expect(await ids("--issue", "1")).toEqual([elsewhere, failed]);
    expect(await ids("--issue", "1", "--repo", repo)).toEqual([failed]);
    expect(await ids("--issue", "2", "--status", "failed")).toEqual([]);
  });

  test("says how many more there are than were asked for", async () => {
    expect(await list("--limit", "1")).toEqual([
      expect.arrayContaining([elsewhere]),
      ["3 more; see --limit"],
    ]);
  });

  test("as JSON is the API's page", async () => {
    const { out } = await pullwright(api, ["list", "--json", "--issue", "2"]);
    const query = { issue_number: 2, limit: 20 };
    const { body } = await call(api, "listWorkflows", { query });
    expect(JSON.parse(out)).toEqual(body);
    expect(body.items).toMatchObject([{ adw_id: pending }]);
  });
});
