import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { freePorts, makeFolder, removeFolder } from "@pullwright/demo";
import { startLocalGitHub } from "@pullwright/local-github";
import { CODEX } from "./codex.js";
import { MEND } from "./mend.js";
import { ScriptedModel } from "./scripted-model.js";

const WORKSPACE = fileURLToPath(new URL("../..", import.meta.url));
const OPENAI_API_KEY = "sk-dummy-2Lw8nR5xV1cT7mQ4jH9bY6kZ3gF0pD";
/** What the README says of the demo, on two cores. */
const DEMO_WITHIN_MS = 180_000;
const READY_WITHIN_MS = 90_000;
const RUN_WITHIN_MS = 90_000;

type Settings = Readonly<Record<string, string>>;

let folder: string;
beforeAll(async () => {
  folder = await makeFolder();
  await mkdir(join(folder, "home"));
});
afterAll(() => removeFolder(folder));

/** A command of the README, as somebody types it who has set nothing but this. */
function npm(args: readonly string[], settings: Settings = {}): ChildProcess {
  return spawn("npm", [...args], {
    cwd: WORKSPACE,
    env: {
      PATH: process.env["PATH"],
      HOME: join(folder, "home"),
      NX_DAEMON: "false",
      ...settings,
    },
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, which gets the signal as from a terminal.
    detached: true,
  });
}

/** All that it prints, and how it ends. */
async function outcome(child: ChildProcess) {
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const [code] = (await once(child, "close")) as [number | null];
  return { code, printed };
}

function interrupt({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, "SIGINT");
}

/** What a person sees at the end of a demo that went well. */
function expectPullRequest(printed: string): void {
  expect(printed).toMatch(/http:\/\/127\.0\.0\.1:\d+\/\S+\/pull\/\d+/);
  expect(printed).toMatch(/^\s*\+\s+const re(st|mainder) = /m);
  expect(printed).toMatch(/passed after, on [0-9a-f]{10}: npm test/);
}

describe("npm run demo", () => {
  test("ends with a pull request, its diff and the tests, in time", async () => {
    const began = performance.now();
    const { code, printed } = await outcome(npm(["run", "demo"]));
    expect({ code, printed }).toMatchObject({ code: 0 });
    expectPullRequest(printed);
    expect(performance.now() - began).toBeLessThan(DEMO_WITHIN_MS);
  });

  test("with --agent codex has the real CLI do the work, with the person's key", async () => {
    const model = await ScriptedModel.start(OPENAI_API_KEY, {
      classify: [{ say: '{"classification": "bug"}' }],
      plan: [{ say: "# Pay the rest\n\nThe first ones pay a cent more." }],
      build: [MEND, { say: "The shares add up to the bill now." }],
    });
    const isSandboxed = (process.env["PATH"] ?? "")
      .split(delimiter)
      .some((place) => existsSync(join(place, "bwrap")));
    const { code, printed } = await outcome(
      npm(["run", "demo", "--", "--agent", "codex"], {
        CODEX_PATH: CODEX,
        OPENAI_API_KEY,
        OPENAI_BASE_URL: model.url,
        AGENT_MODEL: "scripted",
        ALLOW_UNSANDBOXED_AGENTS: isSandboxed ? "false" : "true",
      }),
    );
    const tasks = model.requests().map(({ task }) => task);
    await model.stop();
    expect({ code, printed }).toMatchObject({ code: 0 });
    expectPullRequest(printed);
    expect(printed).not.toContain(OPENAI_API_KEY);
    expect(tasks).toContain("build");
  });

  test("without a key for the real CLI says which, and fails", async () => {
    const { code, printed } = await outcome(
      npm(["run", "demo", "--", "--agent", "codex"], { CODEX_PATH: CODEX }),
    );
    expect(code).toBe(1);
    expect(printed).toContain("OPENAI_API_KEY is not set");
  });
});

/** What the least agent does: no prompt is read and no event printed. */
const AGENT = `#!/bin/sh
case $PULLWRIGHT_PHASE in
  plan) echo '{"plan": "# Plan"}' > "$PULLWRIGHT_OUTPUT" ;;
  build) echo "module.exports = (a, b) => a + b;" > sum.js ;;
esac
`;

const shop = {
  "package.json": '{"scripts": {"test": "node sum.test.js"}}',
  "sum.js": "module.exports = (a, b) => a - b;\n",
  "sum.test.js": 'require("assert").equal(require("./sum.js")(2, 3), 5);\n',
};

describe("npm start", () => {
  test("has all services run in one process on embedded defaults, and an issue becomes a pull request, until Ctrl-C", async () => {
    const github = await startLocalGitHub({ dataDir: join(folder, "github") });
    github.addUser({ login: "acme" });
    const repo = "acme/shop";
    await github.createRepository({
      owner: "acme",
      name: "shop",
      files: shop,
    });
    const agent = join(folder, "agent.sh");
    await writeFile(agent, AGENT, { mode: 0o755 });
    const [port = 0, webhookPort = 0] = await freePorts(2);
    const health = `http://127.0.0.1:${port}/health/ready`;
    const webhooks = `http://127.0.0.1:${webhookPort}/webhooks/github`;
    const secret = "a-secret-of-the-specs-and-nobody-else";
    const child = npm(["start"], {
      PORT: port.toString(),
      WEBHOOK_PORT: webhookPort.toString(),
      WORK_DIR: join(folder, "work"),
      GITHUB_API_URL: github.apiUrl,
      GITHUB_SERVER_URL: github.url,
      GITHUB_TOKEN: github.createToken({ user: "acme" }),
      GITHUB_WEBHOOK_SECRET: secret,
      REPOSITORIES: repo,
      ALLOW_UNSANDBOXED_AGENTS: "true",
      AGENT: "command",
      AGENT_COMMAND: agent,
    });
    const ending = outcome(child);
    const within = async (ms: number, check: () => Promise<boolean>) => {
      const giveUpAt = performance.now() + ms;
      let holds = await check();
      while (!holds && performance.now() < giveUpAt) {
        await sleep(200);
        holds = await check();
      }
      return holds;
    };
    const isReady = await within(
      READY_WITHIN_MS,
      async () => (await statusOf(health)) === 200,
    );
    const refusal = await statusOf(webhooks, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{}",
    });
    github.createWebhook(repo, { url: webhooks, secret });
    const { number } = github.createIssue({
      repo,
      title: "The sum is wrong",
      body: "2 + 3 gives -1.",
      author: "acme",
    });
    github.addLabel(repo, number, "adw", "acme");
    const isPulled = await within(RUN_WITHIN_MS, () =>
      Promise.resolve(github.listPulls(repo).some(({ draft }) => !draft)),
    );
    interrupt(child);
    const { printed } = await ending;
    await github.close();
    expect({ isReady, isPulled, printed }).toMatchObject({
      isReady: true,
      isPulled: true,
    });
    expect(refusal).toBe(400);
    expect(await statusOf(health)).toBe(0);
  }, 240_000);
});

const statusOf = (url: string, init: RequestInit = {}): Promise<number> =>
  fetch(url, init).then(
    ({ status }) => status,
    () => 0,
  );
