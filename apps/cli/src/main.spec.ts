import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { until } from "@pullwright/testing";
import {
  call,
  claim,
  exitCodes,
  fail,
  finish,
  newIssue,
  say,
  startApiUnderTest,
  trigger,
  type ApiUnderTest,
} from "./__fixtures__/cli-under-test.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

const built = fileURLToPath(new URL("../dist/main.js", import.meta.url));

/** Starts the program as a process of its own; as it was built, since its sources take twice the time to start. */
function spawnProgram(argv: readonly string[], stdout: "pipe" | number) {
  return spawn(process.execPath, [built, ...argv], {
    env: {
      PATH: process.env["PATH"],
      PULLWRIGHT_URL: api.url,
      PULLWRIGHT_API_KEY: api.key,
    },
    stdio: ["ignore", stdout, "pipe"],
  });
}

/** The same, with what it says; `head` stops reading, as the program of that name does. */
function start(argv: readonly string[]) {
  const program = spawnProgram(argv, "pipe");
  const { stdout, stderr } = program;
  if (stdout === null || stderr === null) throw new TypeError("Two pipes.");
  const said = { out: "", err: "" };
  stdout.on("data", (chunk: Buffer) => (said.out += chunk.toString()));
  stderr.on("data", (chunk: Buffer) => (said.err += chunk.toString()));
  const head = async (upTo: string) => {
    while (!said.out.includes(upTo)) await once(stdout, "data");
    stdout.destroy();
  };
  return { program, stdout, said, head, ended: once(program, "close") };
}

const runOf = async (issue: number) => {
  const { body } = await call(api, "listWorkflows", {
    query: { issue_number: issue },
  });
  return body.items[0]?.adw_id ?? "";
};

test("Ctrl-C ends the program and leaves the run going", async () => {
  const issue = newIssue(api);
  const { program, stdout, said, ended } = start(["run", issue.toString()]);
  while (!said.out.includes("classify queued")) await once(stdout, "data");
  program.kill("SIGINT");
  expect(await ended).toEqual([130, null]);
  expect(said.err).toMatch(/^\nThe run \w{8} goes on\./);
  const { body } = await call(api, "listWorkflows");
  expect(body.items).toMatchObject([
    { issue_number: issue, status: "pending" },
  ]);
});

describe("a reader that has enough, such as head,", () => {
  test("is no error", async () => {
    const { stdout, said, ended } = start(["list"]);
    stdout.destroy();
    expect(await ended).toEqual([exitCodes.ok, null]);
    expect(said.err).toBe("");
  });

  test("ends a log that is followed, and not the run", async () => {
    const adwId = await trigger(api);
    const { said, head, ended } = start(["logs", adwId, "-f", "--json"]);
    const reading = head("\n");
    const claimed = await claim(api, adwId);
    for (const text of ["one", "two"]) {
      await say(api, adwId, claimed, [text]);
      await reading;
    }
    expect(await ended).toEqual([exitCodes.ok, null]);
    expect(said.err).toBe("");
  });

  test.each([
    ["failed", exitCodes.failed],
    ["cancelled", exitCodes.cancelled],
  ] as const)(
    "does not keep a run from being waited for: %s",
    async (outcome, exitCode) => {
      const issue = newIssue(api);
      const { program, said, head, ended } = start(["run", issue.toString()]);
      await head("classify queued");
      const adwId = await runOf(issue);
      await finish(api, await claim(api, adwId)); // The next line has no reader.
      await sleep(1_500);
      expect(program.exitCode).toBeNull();
      if (outcome === "failed") await fail(api, adwId);
      else await call(api, "cancelWorkflow", { params: { adw_id: adwId } });
      expect(await ended).toEqual([exitCode, null]);
      expect(said.err).toBe("");
    },
  );
});

describe("a full disk", () => {
  /** Runs the program with its output on a disk without room. */
  const onFullDisk = async (argv: readonly string[]) => {
    const file = await open("/dev/full", "w");
    const program = spawnProgram(argv, file.fd);
    let err = "";
    program.stderr?.on("data", (chunk: Buffer) => (err += chunk.toString()));
    const [exitCode] = (await once(program, "close")) as [number]; // It ends by itself.
    await file.close();
    return { exitCode, err };
  };

  test.each([[["list"]], [["list", "--json"]], [["--help"]]])(
    "is said by %j",
    async (argv) => {
      const { exitCode, err } = await onFullDisk(argv);
      expect(exitCode).toBe(exitCodes.unwritten);
      expect(err).toMatch(/^What was to be printed is lost: ENOSPC.*\n$/);
    },
  );

  test("is said at once of a run, which is waited for all the same", async () => {
    const issue = newIssue(api);
    const ended = onFullDisk([
      "run",
      issue.toString(),
      "--workflow",
      "adw_plan",
    ]);
    await until(async () => (await runOf(issue)) !== "", "the run");
    const adwId = await runOf(issue);
    await finish(api, await claim(api, adwId));
    await finish(api, await claim(api, adwId));
    const { exitCode, err } = await ended;
    expect(exitCode).toBe(exitCodes.unwritten);
    expect(err.match(/ENOSPC/g)).toHaveLength(1);
  });
});
