import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { exitCodes, repo } from "../__fixtures__/cli-under-test.js";
import {
  startDoctorUnderTest,
  vault,
  type DoctorUnderTest,
} from "../__fixtures__/doctor-under-test.js";

let doctor: DoctorUnderTest;
beforeAll(async () => {
  doctor = await startDoctorUnderTest();
});
afterEach(() => doctor.github.faults.clear());
afterAll(() => doctor.close());

const all = {
  contents: "write",
  issues: "write",
  pull_requests: "write",
  statuses: "write",
} as const;

type Permissions = Readonly<Record<string, "read" | "write">>;

const fineGrained = (permissions: Permissions, repository = vault) => ({
  GITHUB_TOKEN: doctor.github.createToken({
    user: "pullwright-bot",
    permissions,
    repositories: [repository],
  }),
});

const classic = (scopes: readonly string[], REPOSITORIES = vault) => ({
  REPOSITORIES,
  GITHUB_TOKEN: doctor.github.createToken({ user: "pullwright-bot", scopes }),
});

let apps = 0;
const installed = (permissions: Permissions) => {
  apps += 1;
  const { appId, privateKey } = doctor.github.createApp({
    name: `Pullwright ${apps.toString()}`,
    owner: "acme",
    permissions,
  });
  doctor.github.installApp({ appId, repositories: [vault] });
  return {
    GITHUB_APP_ID: appId.toString(),
    GITHUB_APP_PRIVATE_KEY: privateKey,
  };
};

/** What is found of the permissions on a repository, in short. */
const found = async (change: Record<string, string>, repository = vault) => {
  const { of, exitCode, findings } = await doctor.examine(change);
  const isFailed = findings.some(({ status }) => status === "fail");
  expect(exitCode).toBe(isFailed ? exitCodes.failed : exitCodes.ok);
  return of(`permissions ${repository}`);
};

const missing = (name: string, mend: string) => ({
  status: "fail",
  detail: expect.stringContaining(`${name}: read and write is missing`),
  mend: expect.stringContaining(mend),
});

test("a fine-grained token that may do all is well", async () => {
  expect(await found(fineGrained(all))).toMatchObject([
    {
      status: "ok",
      detail: expect.stringContaining(
        "Contents, Issues, Pull requests, Commit statuses: read and write",
      ),
    },
  ]);
});

test.each<[keyof typeof all, string]>([
  ["contents", "Contents"],
  ["issues", "Issues"],
  ["pull_requests", "Pull requests"],
  ["statuses", "Commit statuses"],
])(
  "a fine-grained token that may only read %s lacks one thing, and is told which",
  async (permission, name) => {
    const findings = await found(fineGrained({ ...all, [permission]: "read" }));
    expect(findings).toMatchObject([missing(name, "Edit the token")]);
    expect(findings[0]?.detail).toContain(
      "Resource not accessible by personal access token",
    );
    expect(findings[0]?.mend).toContain(name);
  },
);

test("a fine-grained token that was not given a public repository may write nothing there", async () => {
  const change = { ...fineGrained(all), REPOSITORIES: repo };
  expect(await found(change, repo)).toMatchObject([
    missing("Contents", "selected"),
    missing("Issues", "selected"),
    missing("Pull requests", "selected"),
    missing("Commit statuses", "selected"),
  ]);
});

test("an admin's token needs the permissions all the same", async () => {
  const GITHUB_TOKEN = doctor.github.createToken({
    user: "acme",
    permissions: { ...all, issues: "read" },
    repositories: [vault],
  });
  expect(await found({ GITHUB_TOKEN })).toMatchObject([
    missing("Issues", "Edit the token"),
  ]);
});

test("what GitHub does not answer is said to be unchecked, and is no failure", async () => {
  doctor.github.faults.add({
    kind: "status",
    status: 502,
    match: { method: "POST", path: /\/issues$/ },
  });
  expect(await found(fineGrained(all))).toMatchObject([
    {
      status: "warn",
      detail: expect.stringMatching(/Issues: .*not checked.*502/),
    },
  ]);
});

test("each permission is looked for also where the token may not ask who it belongs to", async () => {
  doctor.github.faults.add({
    kind: "status",
    status: 403,
    match: { method: "GET", path: /^\/user$/ },
  });
  const change = fineGrained({ ...all, contents: "read", statuses: "read" });
  expect(await found(change)).toMatchObject([
    missing("Contents", "Edit the token"),
    missing("Commit statuses", "Edit the token"),
  ]);
});

test("asking changes nothing", async () => {
  const { github } = doctor;
  const branches = await github.branches(vault);
  const sha = branches.get("main") ?? "";
  await doctor.examine(fineGrained(all));
  await doctor.examine(classic(["repo"]));
  expect(await github.branches(vault)).toEqual(branches);
  expect(github.listPulls(vault)).toEqual([]);
  expect(() => github.getIssue(vault, 1)).toThrow("Not Found");
  expect(github.combinedStatus(vault, sha).statuses).toEqual([]);
});

test("a classic token is judged by its scopes, and asked for nothing", async () => {
  doctor.github.clearRequests();
  expect(await found(classic(["repo", "gist"]))).toMatchObject([
    { status: "ok", detail: expect.stringContaining("repo, gist") },
  ]);
  expect(
    doctor.github.requests().filter(({ method }) => method !== "GET"),
  ).toEqual([]);
});

test("a classic token's smaller scopes reach public repositories or statuses alone", async () => {
  expect(await found(classic(["public_repo"], repo), repo)).toMatchObject([
    { status: "ok" },
  ]);
  expect(await found(classic(["repo:status"], repo), repo)).toMatchObject([
    missing("Contents", "`repo`"),
    missing("Issues", "`repo`"),
    missing("Pull requests", "`repo`"),
  ]);
});

test("an App needs checks in place of statuses", async () => {
  const withoutStatuses = {
    contents: "write",
    issues: "write",
    pull_requests: "write",
    checks: "write",
  } as const;
  expect(await found(installed(withoutStatuses))).toMatchObject([
    { status: "ok", detail: expect.stringContaining("Checks") },
  ]);
  expect(await found(installed(all))).toMatchObject([
    missing("Checks", "Permissions & events"),
  ]);
});

test("each permission that an App's installation lacks is named", async () => {
  const findings = await found(
    installed({ contents: "read", issues: "write", checks: "write" }),
  );
  expect(findings).toMatchObject([
    missing("Contents", "Permissions & events"),
    missing("Pull requests", "Permissions & events"),
  ]);
  expect(findings[0]?.detail).toContain("contents: read");
});

test("each permission that is looked for is on the page of permissions", async () => {
  const page = await readFile(
    new URL("../../../../docs/github-permissions.md", import.meta.url),
    "utf8",
  );
  const { contents, issues, pull_requests } = all;
  const ofApp = { contents, issues, pull_requests, checks: "write" } as const;
  const named = [
    ...(await found(fineGrained(all))),
    ...(await found(installed(ofApp))),
  ].flatMap(({ detail }) => detail.split(":")[0]?.split(", ") ?? []);
  expect(new Set(named)).toEqual(
    new Set([
      "Contents",
      "Issues",
      "Pull requests",
      "Commit statuses",
      "Checks",
    ]),
  );
  for (const name of named)
    expect(page).toMatch(
      new RegExp(
        `^\\| ${name} +\\| read and write|_${name}: read and write_`,
        "m",
      ),
    );
});
