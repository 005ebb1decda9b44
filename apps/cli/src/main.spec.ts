import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  call,
  newIssue,
  startApiUnderTest,
  type ApiUnderTest,
} from "./__fixtures__/cli-under-test.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Starts the program as a process of its own. */
function start(argv: readonly string[]) {
  const program = spawn(
    process.execPath,
    [
      "--import",
      `${root}jest/register-typescript.mjs`,
      `${root}apps/cli/src/main.ts`,
      ...argv,
    ],
    {
      env: {
        PATH: process.env["PATH"],
        PULLWRIGHT_URL: api.url,
        PULLWRIGHT_API_KEY: api.key,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const said = { out: "", err: "" };
  program.stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  program.stderr.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  return { program, said, ended: once(program, "close") };
}

test("Ctrl-C ends the program and leaves the run going", async () => {
  const issue = newIssue(api);
  const { program, said, ended } = start(["run", issue.toString()]);
  while (!said.out.includes("classify queued"))
    await once(program.stdout, "data");
  program.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(said.err).toMatch(/^\nThe run \w{8} goes on\./);
  const { body } = await call(api, "listWorkflows");
  expect(body.items).toMatchObject([
    { issue_number: issue, status: "pending" },
  ]);
});

test("a reader that has enough, such as head, is no error", async () => {
  const { program, said, ended } = start(["list"]);
  program.stdout.destroy();
  expect(await ended).toEqual([0, null]);
  expect(said.err).toBe("");
});
