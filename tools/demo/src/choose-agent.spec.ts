import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { agentSettings } from "./choose-agent.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "choose agent "));
});
afterEach(() => rm(folder, { recursive: true }));

async function install(name: string, mode = 0o755): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, "#!/bin/sh\n");
  await chmod(path, mode);
  return path;
}

test("a real agent gets the person's key and nothing else of theirs", async () => {
  const path = await install("claude");
  const environment = {
    PATH: `/nowhere:${folder}`,
    ANTHROPIC_API_KEY: "sk-mine",
    OPENAI_API_KEY: "sk-other",
    GITHUB_TOKEN: "ghp_mine",
    DATABASE_URL: "postgresql://mine",
    AGENT_MODEL: "small",
  };
  expect(await agentSettings("claude", folder, environment)).toEqual({
    AGENT: "claude",
    CLAUDE_CODE_PATH: path,
    ANTHROPIC_API_KEY: "sk-mine",
    AGENT_MODEL: "small",
    MAX_RUN_USD: "5",
  });
});

test("a missing CLI is named, with how to get it", async () => {
  await install("codex", 0o644);
  await expect(
    agentSettings("codex", folder, { PATH: folder, OPENAI_API_KEY: "k" }),
  ).rejects.toThrow(
    "Codex was not found (codex). Install it (npm install --global @openai/codex) or set CODEX_PATH.",
  );
});

test("a missing key is named", async () => {
  const CODEX_PATH = await install("my-codex");
  for (const OPENAI_API_KEY of [undefined, ""])
    await expect(
      agentSettings("codex", folder, { CODEX_PATH, OPENAI_API_KEY }),
    ).rejects.toThrow("OPENAI_API_KEY is not set");
});

test("the scripted agent is a command of three words, all of them there", async () => {
  const settings = await agentSettings("scripted", folder);
  expect(settings["AGENT"]).toBe("command");
  const argv = JSON.parse(settings["AGENT_COMMAND"] ?? "") as string[];
  expect(argv).toHaveLength(3);
  const files = argv.slice(1).map((path) => readFile(path, "utf8"));
  const [program, script = ""] = await Promise.all(files);
  expect(program).toContain("PULLWRIGHT_PHASE");
  expect(
    Object.keys((JSON.parse(script) as { phases: object }).phases),
  ).toEqual(["classify", "plan", "build"]);
});
