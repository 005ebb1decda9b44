import { join } from "node:path";
import { startLocalGitHub, type LocalGitHub } from "@pullwright/local-github";
import { createOrchestrator, defaultTiming } from "@pullwright/orchestrator";
import { loadConfig, sleep } from "@pullwright/platform";
import { Poller } from "@pullwright/poller";
import { openGitHub, openRuntime, type Runtime } from "@pullwright/runtime";
import { startWebhookGateway } from "@pullwright/webhook-gateway";
import type { Stage } from "../stage/stage.js";

const SECRET = "the secret of the bench";
const POLL_MS = 1_000;
const CLOSE_MS = 5_000;

/** A Pullwright that polls every second, beside a GitHub of its own. */
export interface Installation {
  readonly github: LocalGitHub;
  readonly runtime: Runtime;
  readonly repositories: readonly string[];
  /** Resolves when every effect is applied and every feed has been polled since. */
  readonly shown: () => Promise<void>;
  close(): Promise<void>;
}

/** Time is compressed: effects follow each other at once, and each change of a feed meets a poll of its own. */
export async function openInstallation(
  stage: Stage,
  name: string,
  options: { readonly repositories: number; readonly webhooks: boolean },
): Promise<Installation> {
  const github = await startLocalGitHub({
    dataDir: join(stage.folder, name),
    rateLimit: 1_000_000,
    journalLimit: 1_000_000,
  });
  for (const login of ["acme", "robot"]) github.addUser({ login });
  const repositories: string[] = [];
  for (let n = 1; n <= options.repositories; n += 1) {
    const repository = `shop-${n.toString()}`;
    const files = { "README.md": "# shop\n" };
    await github.createRepository({ owner: "acme", name: repository, files });
    github.setCollaborator(`acme/${repository}`, "robot", "write");
    repositories.push(`acme/${repository}`);
  }
  const runtime = await openRuntime(
    "bench-quota",
    loadConfig({
      DATABASE_URL: await stage.database(),
      GITHUB_API_URL: github.apiUrl,
      GITHUB_GRAPHQL_URL: github.graphqlUrl,
      GITHUB_SERVER_URL: github.url,
      GITHUB_TOKEN: github.createToken({ user: "robot" }),
      GITHUB_WEBHOOK_SECRET: SECRET,
      REPOSITORIES: repositories.join(","),
      HOST: "127.0.0.1",
      WEBHOOK_PORT: "0",
      LOG_LEVEL: "fatal",
    }),
  );
  if (options.webhooks) {
    const gateway = await startWebhookGateway(runtime);
    const url = `${gateway.url}/webhooks/github`;
    for (const repository of repositories)
      github.createWebhook(repository, { url, secret: SECRET });
  }
  const door = openGitHub(runtime, {
    writePace: { burst: 100_000, refillMs: 1, maxWaitMs: 60_000 },
  });
  const orchestrator = createOrchestrator(runtime, door, {
    ...defaultTiming,
    reconciler: {
      ...defaultTiming.reconciler,
      tickMs: 50,
      comparisonEveryMs: 3_600_000, // Added by its own arithmetic.
    },
  });
  const poller = new Poller(runtime, door, {
    intervalMs: POLL_MS,
    rareMs: POLL_MS,
    graceMs: 0,
    leaseMs: 15_000,
    tickMs: 50,
  });
  orchestrator.start();
  await poller.start();
  const { pool } = runtime.database;
  const isTrue = async (question: string, values: unknown[] = []) => {
    const answer = await pool.query<{ yes: boolean }>(question, values);
    return answer.rows[0]?.yes === true;
  };
  return {
    github,
    runtime,
    repositories,
    shown: async () => {
      while (!(await isTrue(noEffectIsDue))) {
        await pool.query(hurry);
        await sleep(50);
      }
      const since = new Date();
      while (!(await isTrue(allPolledSince, [since, repositories.length * 2])))
        await sleep(50);
    },
    close: async () => {
      await poller.stop();
      await orchestrator.stop(CLOSE_MS);
      await runtime.shutdown.run("the bench ends");
      await github.close();
    },
  };
}

const noEffectIsDue = `SELECT NOT EXISTS (SELECT FROM effects WHERE desired_rev > applied_rev AND status <> 'failed') AS yes`;
const allPolledSince = `SELECT count(*) FILTER (WHERE polled_at > $1) >= $2 AS yes FROM feeds`;
/** The store spaces writes to one target by five seconds, so that fewer are made; here each step shall be written. */
const hurry = `
  UPDATE effects SET next_at = now(), rung_at = NULL
   WHERE desired_rev > applied_rev AND status = 'intent' AND next_at > now()`;
