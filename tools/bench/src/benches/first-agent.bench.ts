import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startLocalGitHub, type LocalGitHub } from "@pullwright/local-github";
import { sleep } from "@pullwright/platform";
import type pg from "pg";
import type { Bench, Row } from "../bench.js";
import { sign } from "../load/payloads.js";
import { median } from "../measure/statistics.js";
import { startAllInOne, type AllInOne } from "../stage/all-in-one.js";

const REPOSITORY = "acme/shop";
const SECRET = "the secret of the bench";
const KEY = "pw_bench_key_of_no_other_use_0123456789";
const MARK = "bench-agent-started";
const GIVE_UP_AFTER_MS = 30_000;

/** Says when it was started, by the clock that we have, too. */
const agent = ["/bin/sh", "-c", `echo "${MARK} $(date +%s%N)"`];

/** From the webhook to the agent: all services in one process, a real GitHub server beside it. */
export const firstAgentBench: Bench = {
  name: "first-agent",
  needsRedis: false,
  async measure(stage, { short }): Promise<Row[]> {
    const folder = join(stage.folder, "first-agent");
    await mkdir(folder);
    const github = await startLocalGitHub({ dataDir: join(folder, "github") });
    for (const login of ["acme", "bot"]) github.addUser({ login });
    const person = github.addUser({ login: "ada" });
    const { id } = await github.createRepository({
      owner: "acme",
      name: "shop",
      files: { "README.md": "# shop\n" },
    });
    for (const login of ["ada", "bot"])
      github.setCollaborator(REPOSITORY, login, "write");
    const databaseUrl = await stage.database();
    const pullwright = await startAllInOne(stage, folder, {
      DATABASE_URL: databaseUrl,
      ...(stage.redisUrl === null ? {} : { REDIS_URL: stage.redisUrl }),
      GITHUB_API_URL: github.apiUrl,
      GITHUB_GRAPHQL_URL: github.graphqlUrl,
      GITHUB_SERVER_URL: github.url,
      GITHUB_TOKEN: github.createToken({ user: "bot" }),
      GITHUB_WEBHOOK_SECRET: SECRET,
      REPOSITORIES: REPOSITORY,
      POLLING_INTERVAL_SECONDS: "3600", // The poller knows the repositories; beyond, nobody needs it here.
      PULLWRIGHT_API_KEY: KEY,
      AGENT: "command",
      AGENT_COMMAND: JSON.stringify(agent),
      ALLOW_UNSANDBOXED_AGENTS: "true",
      LOG_LEVEL: "warn",
    });
    const pool = stage.pool(databaseUrl);
    const start = () => startRun(github, { id, person }, pullwright, pool);
    await start(); // Makes the mirror and compiles the code.
    await start();
    const runs: Started[] = [];
    for (let run = 0; run < (short ? 10 : 30); run += 1)
      runs.push(await start());
    await pullwright.stop();
    await github.close();
    return [
      {
        what: "webhook to agent process started, workspace aside, p50",
        against: null,
        ours: median(
          runs.map(({ totalMs, workspaceMs }) => totalMs - workspaceMs),
        ),
        unit: "ms",
        ratio: null,
        target: { valueAtMost: 50 },
      },
      {
        what: "webhook to agent process started, a small workspace included, p50",
        against: null,
        ours: median(runs.map(({ totalMs }) => totalMs)),
        unit: "ms",
        ratio: null,
        target: { valueAtMost: 250 },
      },
    ];
  },
};

interface Started {
  readonly totalMs: number;
  readonly workspaceMs: number;
}

async function startRun(
  github: LocalGitHub,
  {
    id,
    person,
  }: { readonly id: number; readonly person: { readonly id: number } },
  pullwright: AllInOne,
  pool: pg.Pool,
): Promise<Started> {
  const title = "Totals are wrong";
  const issue = github.createIssue({
    repo: REPOSITORY,
    title,
    body: "Off by one cent.",
    author: "ada",
  });
  github.addLabel(REPOSITORY, issue.number, "adw", "ada");
  const body = Buffer.from(
    JSON.stringify({
      action: "labeled",
      issue: { number: issue.number, title, body: "Off by one cent." },
      label: { name: "adw" },
      repository: { id, full_name: REPOSITORY },
      sender: { id: person.id, login: "ada", type: "User" },
    }),
  );
  const sentAtMs = performance.timeOrigin + performance.now();
  const answer = await fetch(pullwright.webhookUrl, {
    method: "POST",
    body,
    headers: {
      "content-type": "application/json",
      "x-github-event": "issues",
      "x-github-delivery": randomUUID(),
      "x-hub-signature-256": sign(SECRET, body),
    },
  });
  if (answer.status !== 202) throw new Error(await answer.text());
  await answer.text();
  const lines = await firstPhaseLines(pool, issue.number);
  const startedAtNs = /bench-agent-started (\d+)/.exec(lines)?.[1];
  const workspaceMs = /checked out .* in (\d+) ms/.exec(lines)?.[1];
  await endRun(pullwright, pool, issue.number);
  return {
    totalMs: Number(startedAtNs) / 1e6 - sentAtMs,
    workspaceMs: Number(workspaceMs),
  };
}

/** The log up to the agent's first words. */
async function firstPhaseLines(
  pool: pg.Pool,
  issueNumber: number,
): Promise<string> {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
  while (performance.now() < giveUpAt) {
    await sleep(50);
    const { rows } = await pool.query<{ message: string }>(
      `SELECT l.message FROM workflow_logs l JOIN workflow_runs r ON r.id = l.workflow_run_id
        WHERE r.issue_number = $1 ORDER BY l.seq`,
      [issueNumber],
    );
    const lines = rows.map(({ message }) => message);
    const found = lines.findIndex((line) => line.includes(MARK));
    if (found >= 0) return lines.slice(0, found + 1).join("\n");
  }
  throw new Error("No agent was started.");
}

/** Ends the run and waits for it, so that the next has the machine for itself. */
async function endRun(
  { url }: AllInOne,
  pool: pg.Pool,
  issueNumber: number,
): Promise<void> {
  const giveUpAt = performance.now() + GIVE_UP_AFTER_MS;
  const authorization = `Bearer ${KEY}`;
  while (performance.now() < giveUpAt) {
    const { rows } = await pool.query<{ adw_id: string; status: string }>(
      "SELECT adw_id, status FROM workflow_runs WHERE issue_number = $1",
      [issueNumber],
    );
    const [run] = rows;
    if (run && ["completed", "failed", "cancelled"].includes(run.status))
      return;
    const cancel = await fetch(
      `${url}/api/workflows/${run?.adw_id ?? ""}/cancel`,
      { method: "POST", headers: { authorization } },
    );
    await cancel.text();
    await sleep(200);
  }
  throw new Error("The run does not end.");
}
