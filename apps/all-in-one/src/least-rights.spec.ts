import { readFile } from "node:fs/promises";
import { afterEach, beforeAll, expect, it, jest } from "@jest/globals";
import {
  APP,
  eventually,
  REPOSITORY,
  startInstallation,
  type Installation,
  type Permissions,
} from "./__fixtures__/installation.js";

jest.setTimeout(240_000);

/** GitHub's names of rights where its API has other ones than its pages. */
const API_NAMES: Readonly<Record<string, string>> = {
  "Commit statuses": "statuses",
  "Pull requests": "pull_requests",
};

/** What the docs tell people to give a token, but for what they call optional. */
let listed: Permissions;
beforeAll(async () => {
  const page = await readFile(
    new URL("../../../docs/github-permissions.md", import.meta.url),
    "utf8",
  );
  const rows = page.matchAll(
    /^\| (\w[\w ]*?) +\| (read|read and write) +\| (?!optional)/gm,
  );
  listed = Object.fromEntries(
    [...rows].map(([, name = "", access]) => [
      API_NAMES[name] ?? name.toLowerCase(),
      access === "read" ? "read" : "write",
    ]),
  );
});

let sut: Installation;
afterEach(() => sut.stop());

/** The pull request's head and the requests that were made until nothing was left to do. */
async function runToPullRequest() {
  const run = await sut.run({ body: "agent: fix" });
  expect(run).toMatchObject({ status: "completed", outcome: "pull_request" });
  const [pull] = sut.github.listPulls(REPOSITORY);
  expect(pull).toMatchObject({ draft: false });
  await eventually(() => {
    const issue = sut.github.getIssue(REPOSITORY, run.issue_number);
    expect(JSON.stringify(issue.labels)).toContain("pullwright:completed");
    const comments = sut.github.listComments(REPOSITORY, run.issue_number);
    expect(comments).toMatchObject([
      { body: expect.stringContaining("completed") },
    ]);
  });
  return pull?.head.sha ?? "";
}

const forbidden = () =>
  sut.github
    .requests()
    .filter(({ status }) => status === 403)
    .map(({ method, apiPath, path }) => `${method} ${apiPath ?? path}`);

it("a fine-grained token needs no right that the docs do not list", async () => {
  sut = await startInstallation({ permissions: listed });
  const sha = await runToPullRequest();
  await eventually(() => {
    expect(sut.github.combinedStatus(REPOSITORY, sha).statuses).toMatchObject([
      { context: "pullwright", state: "success" },
    ]);
  });
  // The right to see webhooks is the optional one.
  const asked = forbidden().filter((request) => !request.endsWith("/hooks"));
  expect(asked).toEqual([]);
});

it("neither does an App, which marks commits with check runs, and clones and pushes with its installation's tokens", async () => {
  const { statuses, ...others } = listed;
  expect(statuses).toBe("write");
  sut = await startInstallation({
    asApp: true,
    permissions: { ...others, checks: "write" },
  });
  const sha = await runToPullRequest();
  await eventually(() => {
    expect(sut.github.checkRuns(REPOSITORY, sha)).toMatchObject([
      { name: "pullwright", status: "completed", conclusion: "success" },
    ]);
  });
  expect(sut.github.combinedStatus(REPOSITORY, sha).statuses).toEqual([]);
  expect(forbidden()).toEqual([]);
  // The repository is private, and only an installation's token acts as the App's bot.
  const byGit = sut.github
    .requests()
    .filter(({ kind, status }) => kind === "git" && status === 200)
    .map(({ actor }) => actor);
  expect(new Set(byGit)).toEqual(new Set([`${APP}[bot]`]));
});
