import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Permissions } from "../index.js";
import { at, REPO, startStage, type Stage } from "../spec/stage.js";
import { startReceiver } from "../spec/webhook-receiver.js";

const run = promisify(execFile);

let stage: Stage;
let clone: string;
let receiver: Awaited<ReturnType<typeof startReceiver>>;

beforeAll(async () => {
  stage = await startStage();
  receiver = await startReceiver("s");
  stage.github.createWebhook(REPO, {
    url: receiver.url,
    secret: "s",
    events: ["push", "create", "delete", "pull_request"],
  });
  clone = join(stage.folder, "clone");
  await git(stage.folder, "clone", "--quiet", remote(stage.token), clone);
});

afterAll(async () => {
  await stage.close();
  await receiver.close();
});

const git = async (cwd: string, ...args: string[]) => {
  const env = {
    PATH: process.env["PATH"],
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
  };
  const { stdout } = await run(
    "git",
    ["-c", "user.name=o", "-c", "user.email=o@example.com", ...args],
    { cwd, env },
  );
  return stdout;
};

const remote = (password?: string) =>
  `${password === undefined ? stage.github.url : stage.github.url.replace("//", `//x-access-token:${password}@`)}/${REPO}.git`;

const pushFix = async (text: string, ...options: string[]) => {
  await git(clone, "switch", "--quiet", "-C", "fix");
  await writeFile(join(clone, "README.md"), text);
  await git(clone, "commit", "--quiet", "-am", text, ...options);
  await git(clone, "push", "--quiet", "--force", "origin", "fix");
};

test("a push makes a branch, and the hooks hear of the push and of the branch", async () => {
  await pushFix("# one\n");
  await stage.github.settled();
  expect((await stage.github.branches(REPO)).has("fix")).toBe(true);
  expect(receiver.names()).toEqual(["ping", "push", "create"]);
  expect(receiver.received[1]?.payload).toMatchObject({
    ref: "refs/heads/fix",
    before: "0".repeat(40),
    created: true,
    forced: false,
    commits: [{ message: "# one", modified: ["README.md"] }],
    sender: { login: "octo" },
  });
});

test("the head of a pull request has moved by the time a push returns", async () => {
  const { data: pull } = await stage.octokit.rest.pulls.create({
    ...at,
    title: "Fix",
    head: "fix",
    base: "main",
  });
  await pushFix("# two\n");
  const { data: after } = await stage.octokit.rest.pulls.get({
    ...at,
    pull_number: pull.number,
  });
  expect(after.head.sha).toBe((await git(clone, "rev-parse", "HEAD")).trim());
  expect(after).toMatchObject({ commits: 2, mergeable: null });
  expect(
    (
      await git(clone, "ls-remote", "origin", `refs/pull/${pull.number}/head`)
    ).startsWith(after.head.sha),
  ).toBe(true);
  await stage.github.settled();
  expect(receiver.received.at(-1)?.payload).toMatchObject({
    action: "synchronize",
    before: pull.head.sha,
    after: after.head.sha,
  });
});

test("a forced push is told as forced", async () => {
  await pushFix("# three\n", "--amend");
  await stage.github.settled();
  expect(receiver.received.at(-2)?.payload).toMatchObject({ forced: true });
  expect(stage.github.listEvents(REPO, 1).map(({ event }) => event)).toContain(
    "head_ref_force_pushed",
  );
});

test("a lease that no longer holds is refused and changes nothing", async () => {
  const before = (await stage.github.branches(REPO)).get("fix");
  const stale = "1".repeat(40);
  const push = git(
    clone,
    "push",
    "--quiet",
    `--force-with-lease=fix:${stale}`,
    "origin",
    "HEAD~1:fix",
  );
  await expect(push).rejects.toThrow("stale info");
  expect((await stage.github.branches(REPO)).get("fix")).toBe(before);
});

test("nobody pushes to what is GitHub's own", async () => {
  await expect(
    git(clone, "push", "--quiet", "origin", "HEAD:refs/pull/1/head"),
  ).rejects.toThrow("hidden ref");
});

test("deleting the head branch closes the pull request", async () => {
  await git(clone, "push", "--quiet", "origin", ":fix");
  expect((await stage.github.getPull(REPO, 1)).state).toBe("closed");
});

test("without a token git is asked for one, and a wrong one is refused", async () => {
  await expect(git(stage.folder, "ls-remote", remote())).rejects.toThrow(
    "could not read Username",
  );
  await expect(
    git(stage.folder, "ls-remote", remote("ghp_wrong")),
  ).rejects.toThrow("Authentication failed");
});

test("who may only read clones and cannot push; who may see nothing finds nothing", async () => {
  const reader = stage.github.createToken({ user: "reader" });
  const stranger = stage.github.createToken({ user: "stranger" });
  expect(await git(stage.folder, "ls-remote", remote(reader))).toContain(
    "refs/heads/main",
  );
  await expect(
    git(clone, "push", "--quiet", remote(reader), "HEAD:refs/heads/mine"),
  ).rejects.toThrow("403");
  await expect(
    git(stage.folder, "ls-remote", remote(stranger)),
  ).rejects.toThrow("not found");
});

test("a token without write access to contents cannot push", async () => {
  const narrow = stage.github.createToken({
    user: "octo",
    permissions: { contents: "read" },
  });
  await expect(
    git(clone, "push", "--quiet", remote(narrow), "HEAD:refs/heads/mine"),
  ).rejects.toThrow("403");
});

test("a change of a workflow takes the permission for it", async () => {
  await git(clone, "switch", "--quiet", "-C", "ci", "origin/main");
  await mkdir(join(clone, ".github", "workflows"), { recursive: true });
  await writeFile(join(clone, ".github", "workflows", "ci.yml"), "on: push\n");
  await git(clone, "add", ".");
  await git(clone, "commit", "--quiet", "-m", "CI");
  const push = (permissions: Permissions) =>
    git(
      clone,
      "push",
      "--quiet",
      remote(stage.github.createToken({ user: "octo", permissions })),
      "HEAD:refs/heads/ci",
    );
  await expect(push({ contents: "write" })).rejects.toThrow(
    "without `workflows` permission",
  );
  await push({ contents: "write", workflows: "write" });
  expect((await stage.github.branches(REPO)).has("ci")).toBe(true);
});

test("the journal tells who pushed what", () => {
  const pushes = stage.github
    .requests()
    .filter(({ path }) => path === `/${REPO}.git/git-receive-pack`);
  expect(pushes[0]).toMatchObject({
    kind: "git",
    actor: "octo",
    status: 200,
    body: [{ ref: "refs/heads/fix", before: "0".repeat(40) }],
  });
});

test("a push whose answer is lost has happened all the same", async () => {
  stage.github.faults.add({
    kind: "reset_after_handling",
    match: { method: "POST", path: /git-receive-pack/ },
    times: 1,
  });
  await expect(
    git(clone, "push", "--quiet", "origin", "HEAD:refs/heads/lost"),
  ).rejects.toThrow();
  expect((await stage.github.branches(REPO)).has("lost")).toBe(true);
});
