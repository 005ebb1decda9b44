import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitHub } from "@pullwright/github";
import { readWebhook } from "@pullwright/github/webhook";
import { startCheckedGitHub, startLocalGitHub, type LocalGitHub } from "@pullwright/local-github";
import type { LoadedRun, Repository } from "@pullwright/persistence";
import { loadConfig } from "@pullwright/platform";
import { migrateDatabase, openRuntime, type Runtime } from "@pullwright/runtime";
import { createTestDatabase, ensureTemplateDatabase, until } from "@pullwright/testing";
import { createOrchestrator, type Orchestrator } from "../orchestrator.js";
import type { Timing } from "../timing.js";

export const repo = "acme/shop";

/** Everything quick, so that specs wait for facts and not for clocks. */
export const quickTiming: Timing = {
  deliveryHoldMs: 5_000,
  effectLeaseMs: 5_000,
  writeMs: 1_000,
  uncertaintyMs: 300,
  retry: { baseMs: 50, maxMs: 200 },
  reconciler: { tickMs: 100, leaseMs: 600, stepTimeoutMs: 5_000, partitionsEveryMs: 60_000, comparisonEveryMs: 3_600_000 },
};

export interface OrchestrationOptions {
  readonly orchestrators?: number;
  readonly timing?: Partial<Timing>;
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether webhooks reach us; without them specs deliver by hand. */
  readonly webhooks?: boolean;
  /** Act as a GitHub App in place of a machine user with a token. */
  readonly asApp?: boolean;
  /** A server that only resembles GitHub: it may be asked for what GitHub does not document. */
  readonly isLookalike?: boolean;
  /** Requests that GitHub allows in an hour. */
  readonly rateLimit?: number;
  /** Who runs `start`; false: the spec starts by itself. */
  readonly started?: boolean;
}

/** Orchestrators on a database of their own, between a local GitHub and a scripted runner. */
export interface Orchestration {
  readonly github: LocalGitHub;
  readonly runtime: Runtime;
  readonly repository: Repository;
  /** Of our App on the repository; null with a token. */
  readonly installationId: number | null;
  readonly orchestrators: readonly Orchestrator[];
  /** Opens another client of the same GitHub and another orchestrator over it. */
  addOrchestrator(owner: string, timing?: Partial<Timing>): Orchestrator;
  issue(input?: { title?: string; body?: string | null; labels?: readonly string[] }): number;
  /** Records a delivery as the gateway or the poller does, and rings. */
  deliver(event: string, payload: object, source?: "webhook" | "poll"): Promise<string>;
  /** The payload of a webhook about an issue. */
  about(issueNumber: number, action: string, more?: object): object;
  runs(): Promise<LoadedRun[]>;
  onlyRun(): Promise<LoadedRun>;
  run(id: string): Promise<LoadedRun>;
  /** The deliveries' verdicts with their reasons, oldest first. */
  verdicts(): Promise<{ verdict: string | null; verdict_reason: string | null; source: string }[]>;
  /** Waits until no delivery is open and no effect is due. */
  quiet(): Promise<void>;
  ourComments(issueNumber: number): { id: number; body: string }[];
  close(): Promise<void>;
}

let guids = 0;

export async function orchestration(options: OrchestrationOptions = {}): Promise<Orchestration> {
  await ensureTemplateDatabase("pullwright_with_queue", async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  const database = await createTestDatabase({ template: "pullwright_with_queue" });
  const folder = await mkdtemp(join(tmpdir(), "orchestrator-spec-"));
  const startGitHub = options.isLookalike === true ? startLocalGitHub : startCheckedGitHub;
  const github = await startGitHub({ dataDir: folder, rateLimit: options.rateLimit ?? 5_000 });
  for (const login of ["acme", "ada", "trudy", "tri", "pullwright-bot"]) github.addUser({ login });
  const created = await github.createRepository({ owner: "acme", name: "shop", files: { "README.md": "# shop\n" } });
  github.setCollaborator(repo, "ada", "write");
  github.setCollaborator(repo, "tri", "triage");
  github.setCollaborator(repo, "pullwright-bot", "write");
  const { installationId, environment } = credentials(github, options.asApp ?? false);
  const config = loadConfig({
    DATABASE_URL: database.url,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_GRAPHQL_URL: github.graphqlUrl,
    GITHUB_SERVER_URL: github.url,
    LOG_LEVEL: "fatal",
    REPOSITORIES: repo,
    ...environment,
    ...options.environment,
  });
  const runtime = await openRuntime("orchestrator", config);
  const repository = await runtime.stores.repositories.upsert({
    githubId: created.id,
    owner: "acme",
    name: "shop",
    defaultBranch: "main",
  });

  const record = async (event: string, payload: string, source: "webhook" | "poll", guid: string) => {
    const facts = readWebhook(event, JSON.parse(payload));
    const recorded = await runtime.stores.deliveries.record({
      source,
      guid,
      event,
      action: facts.action,
      repositoryId: facts.repositoryId,
      repositoryFullName: facts.repositoryFullName,
      payload,
    });
    await runtime.queues.ring("delivery.received", { v: 1, deliveryId: recorded.id });
    return recorded.id;
  };
  const gateway = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { "x-github-event": event, "x-github-delivery": guid } = request.headers;
      record(String(event), Buffer.concat(chunks).toString(), "webhook", String(guid)).then(
        () => response.writeHead(202).end(),
        () => response.writeHead(503).end(),
      );
    });
  });
  gateway.listen(0, "127.0.0.1");
  await once(gateway, "listening");
  if (options.webhooks ?? true)
    github.createWebhook(repo, { url: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/` });

  const orchestrators: Orchestrator[] = [];
  const addOrchestrator = (owner: string, timing: Partial<Timing> = {}): Orchestrator => {
    const client = createGitHub(config.github, {
      requestTimeoutMs: 2_000,
      writePace: { burst: 1_000, refillMs: 1, maxWaitMs: 5_000 },
    });
    const orchestrator = createOrchestrator({ ...runtime, owner }, client, { ...quickTiming, ...options.timing, ...timing });
    orchestrators.push(orchestrator);
    return orchestrator;
  };
  for (let n = 1; n <= (options.orchestrators ?? 1); n += 1) {
    const orchestrator = addOrchestrator(`orchestrator-${n}`);
    if (options.started ?? true) orchestrator.start();
  }
  // The store spaces writes to one target by five seconds, and rings by thirty; nobody wants to watch that.
  const hurry = setInterval(() => {
    runtime.database.pool
      .query(
        `UPDATE effects SET rung_at = NULL, next_at = CASE WHEN last_error IS NULL THEN now() ELSE next_at END
          WHERE desired_rev > applied_rev AND status = 'intent'
            AND (last_error IS NULL AND next_at > now() OR next_at <= now() AND rung_at < now() - interval '300 milliseconds')`,
      )
      .catch(() => undefined);
  }, 100);

  const runs = async () => {
    const { items } = await runtime.stores.runQueries.list({ limit: 100 });
    const loaded = await Promise.all(items.map(({ id }) => runtime.stores.runs.byId(id)));
    return loaded.filter((run) => run !== null);
  };
  return {
    github,
    runtime,
    repository,
    installationId,
    orchestrators,
    addOrchestrator,
    issue: (input = {}) =>
      github.createIssue({ repo, title: "Totals are wrong", body: "Off by one cent.", author: "trudy", ...input }).number,
    deliver: (event, payload, source = "webhook") => {
      guids += 1;
      return record(event, JSON.stringify(payload), source, `by-hand-${guids}`);
    },
    about: (issueNumber, action, more = {}) => ({
      action,
      issue: { number: issueNumber },
      repository: { id: created.id, full_name: repo },
      sender: { id: 1, login: "whoever" },
      ...more,
    }),
    runs,
    onlyRun: async () => {
      const all = await runs();
      const [run] = all;
      if (run === undefined || all.length !== 1) throw new Error(`${all.length} runs`);
      return run;
    },
    run: async (id) => {
      const run = await runtime.stores.runs.byId(id);
      if (run === null) throw new Error("the run is gone");
      return run;
    },
    verdicts: async () =>
      (
        await runtime.database.pool.query<{ verdict: string | null; verdict_reason: string | null; source: string }>(
          "SELECT verdict, verdict_reason, source FROM deliveries ORDER BY received_at, id",
        )
      ).rows,
    quiet: async () => {
      await github.settled();
      await until(async () => {
        const { rows } = await runtime.database.pool.query<{ open: number }>(
          "SELECT ((SELECT count(*) FROM deliveries WHERE handled_at IS NULL) + (SELECT count(*) FROM effects WHERE desired_rev > applied_rev AND status <> 'failed'))::int AS open",
        );
        return rows[0]?.open === 0;
      }, "every delivery is handled and every effect applied");
    },
    ourComments: (issueNumber) =>
      github
        .listComments(repo, issueNumber)
        .map(({ id, body }) => ({ id, body: body ?? "" }))
        .filter(({ body }) => body.includes("<!-- pullwright:")),
    close: async () => {
      clearInterval(hurry);
      await Promise.all(orchestrators.map((orchestrator) => orchestrator.stop(5_000)));
      gateway.close();
      gateway.closeAllConnections();
      await runtime.shutdown.run("the spec ends");
      await database.drop();
      await rm(folder, { recursive: true, force: true });
      await github.close();
    },
  };
}

interface Credentials {
  readonly installationId: number | null;
  readonly environment: Readonly<Record<string, string>>;
}

function credentials(github: LocalGitHub, asApp: boolean): Credentials {
  if (!asApp) return { installationId: null, environment: { GITHUB_TOKEN: github.createToken({ user: "pullwright-bot" }) } };
  const app = github.createApp({
    name: "pullwright",
    owner: "acme",
    permissions: { metadata: "read", contents: "write", issues: "write", pull_requests: "write", checks: "write", statuses: "write" },
  });
  const { installationId } = github.installApp({ appId: app.appId, repositories: [repo] });
  return {
    installationId,
    environment: { GITHUB_APP_ID: app.appId.toString(), GITHUB_APP_PRIVATE_KEY: app.privateKey },
  };
}
