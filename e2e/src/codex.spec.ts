import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  followRun,
  makeFolder,
  openStage,
  PERSON,
  readSampleIssue,
  readSampleRepository,
  removeFolder,
  waitForRun,
  type Stage,
} from "@pullwright/demo";
import { checkRequests } from "@pullwright/local-github";
import { CODEX } from "./codex.js";
import { MEND } from "./mend.js";
import { HOME_MARK, writePersonalHome } from "./personal-home.js";
import { ScriptedModel, TURN_USAGE } from "./scripted-model.js";
import { TRAP_MARK, traps } from "./traps.js";

const OPENAI_API_KEY = "sk-dummy-7Qx2mB9vK4tR8wZ1nC5pL3sD6fG0hJ";
const RUN_WITHIN_MS = 150_000;

const isSandboxed = (process.env["PATH"] ?? "")
  .split(delimiter)
  .some((folder) => existsSync(join(folder, "bwrap")));

/** Everything that a process may look at: its own environment, and that of all processes it can see. */
const LOOK_FOR_SECRETS =
  "env; echo ==== others; for file in /proc/[0-9]*/environ; do tr '\\0' '\\n' < $file; done; cat /proc/[0-9]*/cmdline | tr '\\0' ' '; git config --list; ls -a ~ /root /home 2>&1; echo looked";

let folder: string;
let model: ScriptedModel;
let evilModel: Server;
let evilRequests = 0;
let stage: Stage;

beforeAll(async () => {
  model = await ScriptedModel.start(OPENAI_API_KEY, {
    classify: [{ say: '{"classification": "bug"}' }],
    plan: [
      { run: "cat src/split-bill.js" },
      { say: "# Pay the rest\n\n## Change\n\nThe first ones pay a cent more." },
    ],
    build: [
      { run: LOOK_FOR_SECRETS },
      MEND,
      { run: "npm test" },
      { say: "The shares add up to the bill now." },
    ],
  });
  evilModel = createServer((_, response) => {
    evilRequests += 1;
    response.writeHead(500).end();
  }).listen(0, "127.0.0.1");
  await once(evilModel, "listening");
  const { port } = evilModel.address() as AddressInfo; // it listens on TCP
  folder = await makeFolder();
  const home = join(folder, "home");
  await writePersonalHome(home);
  stage = await openStage({
    folder,
    name: "split-the-bill",
    files: {
      ...(await readSampleRepository()),
      ...traps(`http://127.0.0.1:${port}`),
    },
    settings: {
      HOME: home,
      AGENT: "codex",
      // A name that codex does not know: it then offers the plain tools that the script uses.
      AGENT_MODEL: "scripted",
      CODEX_PATH: CODEX,
      OPENAI_API_KEY,
      OPENAI_BASE_URL: model.url,
      // Where there is no bubblewrap codex uses its own sandbox; CI installs it.
      ALLOW_UNSANDBOXED_AGENTS: isSandboxed ? "false" : "true",
    },
  });
});

afterAll(async () => {
  await stage.close();
  await removeFolder(folder);
  await model.stop();
  evilModel.close();
});

/** Opens an issue, labels it as a person would, and follows the run to its end or to a wait for people. */
async function runIssue(title: string, body: string, label: string) {
  const { github, installation, repository } = stage;
  const { number } = github.createIssue({
    repo: repository,
    author: PERSON,
    title,
    body,
  });
  github.addLabel(repository, number, label, PERSON);
  const signal = AbortSignal.timeout(RUN_WITHIN_MS);
  const adwId = await waitForRun(
    installation.client,
    repository,
    number,
    signal,
  );
  const ignore = { run: () => undefined, log: () => undefined };
  return followRun(installation.client, adwId, ignore, signal);
}

type Run = Awaited<ReturnType<typeof runIssue>>;

/** All that a run leaves where people or GitHub can see it. */
async function everythingTold(run: Run): Promise<Record<string, string>> {
  const { github, repository, installation } = stage;
  const { client } = installation;
  const params = { adw_id: run.adw_id };
  const conversations = await client.call("listConversations", { params });
  const messages = await Promise.all(
    conversations.items.map(({ id }) =>
      client.call("listMessages", { params: { id } }),
    ),
  );
  const issue = run.issue_number ?? 0;
  const pull = run.pull_request_number ?? 0;
  return {
    logFile: await readFile(installation.logFile, "utf8"),
    logs: await allLogs(run.adw_id),
    messages: JSON.stringify(messages),
    phases: JSON.stringify(await client.call("getPhases", { params })),
    events: JSON.stringify(await client.call("getEvents", { params })),
    handoffs: JSON.stringify(await client.call("listHandoffs", { params })),
    comments: JSON.stringify([
      github.listComments(repository, issue),
      github.listComments(repository, pull),
    ]),
    pull: JSON.stringify(await github.getPull(repository, pull)),
    patch: await github.diff(repository, "main", run.branch_name),
    commits: JSON.stringify(await github.log(repository, run.branch_name)),
    sentToGitHub: JSON.stringify(
      github.requests().map(({ path, body }) => [path, body]),
    ),
  };
}

async function allLogs(adwId: string): Promise<string> {
  const lines: string[] = [];
  for (let after = 0; ;) {
    const page = await stage.installation.client.call("getLogs", {
      params: { adw_id: adwId },
      query: { after: after.toString() },
    });
    if (page.entries.length === 0) return lines.join("\n");
    lines.push(...page.logs);
    after = page.next_after;
  }
}

describe("an issue that codex works on", () => {
  let run: Run;

  beforeAll(async () => {
    const { title, body } = await readSampleIssue();
    run = await runIssue(title, body, "adw");
  });

  test("ends in a pull request that is ready, with what codex really edited", async () => {
    expect(run).toMatchObject({
      status: "completed",
      outcome: "pull_request",
      agent: null,
      classification: "bug",
    });
    const { github, repository } = stage;
    const pull = await github.getPull(repository, run.pull_request_number ?? 0);
    expect(pull).toMatchObject({ draft: false, state: "open" });
    expect(pull.body).toContain("Fixes #1");
    const patch = await github.diff(repository, "main", run.branch_name);
    expect(patch).toContain("+  const rest = totalCents - share * people;");
    const files = [...patch.matchAll(/^diff --git a\/(.*) b\//gm)].map(
      ([, path]) => path,
    );
    expect(files.sort()).toEqual([run.plan_file, "src/split-bill.js"]);
  });

  test("was tested by Pullwright before and after, whatever codex says", async () => {
    const { items } = await stage.installation.client.call("getPhases", {
      params: { adw_id: run.adw_id },
    });
    const test = items.find(({ phase }) => phase === "test");
    expect(test?.result).toMatchObject({
      outcome: "succeeded",
      tests: {
        tested: true,
        baseFailed: true,
        commands: [{ command: ["npm", "test"], exitCode: 0 }],
      },
    });
    const logs = await allLogs(run.adw_id);
    expect(logs).toMatch(/\(base\)\n[^]*✖ the shares add up to the bill/);
    expect(logs).toMatch(/\(head\)\n[^]*✔ the shares add up to the bill/);
  });

  test("codex' own test run saw its edit, inside the sandbox", () => {
    const { results } = model
      .requests()
      .findLast(({ task }) => task === "build") ?? { results: [] };
    expect(results).toHaveLength(3);
    expect(results[2]).toContain("ℹ fail 0");
  });

  test("has the tokens that the model said it took", async () => {
    const calls = model.requests().filter(({ task }) => task !== undefined);
    expect(calls).toHaveLength(1 + 2 + 4);
    const { items } = await stage.installation.client.call("listExecutions", {
      params: { adw_id: run.adw_id },
    });
    expect(items).toHaveLength(1);
    expect(items[0]).toMatchObject({
      total_tokens:
        calls.length * (TURN_USAGE.input_tokens + TURN_USAGE.output_tokens),
    });
  });

  test("springs no trap that lies in the repository", async () => {
    expect(evilRequests).toBe(0);
    for (const { text, instructions, results } of model.requests()) {
      expect(results.join("\n")).not.toMatch(/^SPRUNG/m);
      expect(text).not.toContain(`${TRAP_MARK}-`);
      // AGENTS.md of the base branch is the project's own word to agents, but never the operator's.
      expect(instructions).not.toContain(TRAP_MARK);
    }
    const { github, repository } = stage;
    const patch = await github.diff(repository, "main", run.branch_name);
    expect(patch).not.toContain(TRAP_MARK);
    expect(await allLogs(run.adw_id)).not.toContain(TRAP_MARK);
  });

  test("lets codex and what it starts see no secret but the model's key", () => {
    const looked = model
      .requests()
      .flatMap(({ results }) => results)
      .find((result) => result.includes("looked"));
    expect(looked).toContain("PATH=");
    const { token, webhookSecret } = stage.secrets;
    const hidden = isSandboxed ? [token, webhookSecret, stage.apiKey] : [];
    for (const secret of hidden) expect(looked).not.toContain(secret);
    // The shell that the model drives does not even inherit the model's key.
    const [own = ""] = looked?.split("==== others") ?? [];
    expect(own).toContain("HOME=");
    expect(own).not.toContain(OPENAI_API_KEY);
    if (isSandboxed)
      expect(looked).not.toMatch(
        /GITHUB_|DATABASE_URL|WEBHOOK_SECRET|postgres/,
      );
  });

  test("the model's key went to the model, and nowhere else", async () => {
    const told = await everythingTold(run);
    for (const [where, text] of Object.entries(told)) {
      for (const secret of [OPENAI_API_KEY, ...Object.values(stage.secrets)])
        expect([where, text.includes(secret)]).toEqual([where, false]);
    }
    expect(told["messages"]).toContain("apply_patch");
  });

  test("has nothing of the person's own codex and git in it", async () => {
    const asked = model.requests().map(({ text }) => text);
    expect(asked.join("\n")).not.toContain(HOME_MARK);
    for (const [where, text] of Object.entries(await everythingTold(run)))
      expect([where, text.includes(HOME_MARK)]).toEqual([where, false]);
  });
});

describe("a model that refuses", () => {
  test("for want of quota makes the run wait for it, and the run goes on when told to", async () => {
    model.refuseNext(429, "Rate limit reached for requests");
    const run = await runIssue("Say more", "In the README.", "adw:adw_plan");
    expect(run).toMatchObject({ status: "waiting", waiting_reason: "quota" });
    expect(run.waiting?.resume_at).not.toBeNull();

    const { client } = stage.installation;
    const params = { adw_id: run.adw_id };
    await client.call("continueWorkflow", { params, body: {} });
    const ignore = { run: () => undefined, log: () => undefined };
    const signal = AbortSignal.timeout(RUN_WITHIN_MS);
    expect(await followRun(client, run.adw_id, ignore, signal)).toMatchObject({
      status: "completed",
      outcome: "planned",
    });
  });

  test("for a wrong key makes the run wait for a person", async () => {
    model.refuseNext(401, "Incorrect API key provided");
    const run = await runIssue("Say less", "In the README.", "adw:adw_plan");
    expect(run).toMatchObject({
      status: "waiting",
      waiting_reason: "person",
      error_class: null,
    });
    const { items } = await stage.installation.client.call("getPhases", {
      params: { adw_id: run.adw_id },
    });
    expect(items[0]?.attempts.at(-1)).toMatchObject({ failure_class: "auth" });
  });
});

test("every request that was sent conforms to GitHub's published schemas", async () => {
  await stage.github.settled();
  const requests = stage.github.requests();
  expect(requests.filter(({ kind }) => kind === "rest").length).toBeGreaterThan(
    20,
  );
  expect(checkRequests(requests)).toEqual([]);
});
