import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  isVersionAtLeast,
  NEEDED_GIT,
  NEEDED_NODE,
} from "@pullwright/platform";
import { runTool } from "@pullwright/sandbox";
import { fail, ok, type Check } from "./check.js";

const TIMEOUT_MS = 10_000;

/** The first line of what `<program> --version` says; undefined when it cannot be run. */
export async function versionOf(
  argv: readonly [string, ...string[]],
  searchPath: string,
): Promise<string | undefined> {
  const [command, ...args] = argv;
  const home = await mkdtemp(join(tmpdir(), "pullwright-doctor-"));
  const result = await runTool({
    command,
    args,
    cwd: home,
    env: { PATH: searchPath, HOME: home }, // Some programs write to HOME before they say anything.
    timeoutMs: TIMEOUT_MS,
    maxOutputBytes: 64 * 1024,
  }).finally(() => rm(home, { recursive: true, force: true }));
  if (!result.ok) return undefined;
  const [first = ""] = result.stdout.toString("utf8").trim().split("\n", 1);
  return first;
}

export const checkNode: Check = () => {
  const { version } = process;
  return Promise.resolve([
    isVersionAtLeast(version, NEEDED_NODE)
      ? ok("node", `Node ${version}`)
      : fail(
          "node",
          `Node ${version} is too old.`,
          `Install Node ${NEEDED_NODE.join(".")} or newer.`,
        ),
  ]);
};

export const checkGit: Check = async ({ cli }) => {
  const version = await versionOf(["git", "--version"], cli.searchPath);
  if (version === undefined)
    return [fail("git", "git is not on PATH.", "Install git.")];
  const needed = NEEDED_GIT.join(".");
  return [
    isVersionAtLeast(version, NEEDED_GIT)
      ? ok("git", version)
      : fail(
          "git",
          `${version} is too old.`,
          `Install git ${needed} or newer.`,
        ),
  ];
};
