import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Octokit } from "@octokit/rest";
import { startLocalGitHub, type LocalGitHub } from "./index.js";

const run = promisify(execFile);

let folder: string;
let github: LocalGitHub;
let token: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "local-github-spec-"));
  github = await startLocalGitHub({ dataDir: join(folder, "data") });
  github.addUser({ login: "octo" });
  github.addUser({ login: "reader" });
  token = github.createToken({ user: "octo" });
  await github.createRepository({
    owner: "octo",
    name: "sample",
    private: true,
    files: {
      "README.md": "# sample\n",
      "bin/run": { content: "#!/bin/sh\n", mode: "100755" },
    },
  });
});

afterAll(async () => {
  await github.close();
  await rm(folder, { recursive: true, force: true });
});

const git = async (cwd: string, ...args: string[]) =>
  (
    await run(
      "git",
      ["-c", "user.name=o", "-c", "user.email=o@example.com", ...args],
      {
        cwd,
        env: {
          PATH: process.env["PATH"],
          GIT_CONFIG_GLOBAL: "/dev/null",
          GIT_CONFIG_NOSYSTEM: "1",
          GIT_TERMINAL_PROMPT: "0",
        },
      },
    )
  ).stdout;

const remote = (password: string) =>
  `${github.url.replace("//", `//x-access-token:${password}@`)}/octo/sample.git`;

test("a clone, a push and a pull request work with a token as the password", async () => {
  await git(folder, "clone", "--quiet", remote(token), "clone");
  const clone = join(folder, "clone");
  expect(await git(clone, "ls-files", "--stage")).toContain("100755");
  await git(clone, "switch", "--quiet", "-c", "fix");
  await writeFile(join(clone, "README.md"), "# better\n");
  await git(clone, "commit", "--quiet", "-am", "Better");
  await git(clone, "push", "--quiet", "origin", "fix");

  const octokit = new Octokit({ baseUrl: github.apiUrl, auth: token });
  const at = { owner: "octo", repo: "sample" };
  const { data: pull } = await octokit.rest.pulls.create({
    ...at,
    title: "Fix",
    head: "fix",
    base: "main",
    draft: true,
  });
  expect(pull).toMatchObject({
    number: 1,
    draft: true,
    commits: 1,
    changed_files: 1,
    mergeable: null,
  });
  await octokit.rest.pulls.get({ ...at, pull_number: 1 });
});
