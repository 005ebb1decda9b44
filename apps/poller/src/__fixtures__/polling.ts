import { createGitHub } from "@pullwright/github";
import { startCheckedGitHub, type LocalGitHub } from "@pullwright/local-github";
import { loadConfig } from "@pullwright/platform";
import { migrateDatabase, openRuntime, type Runtime } from "@pullwright/runtime";
import { createTestDatabase, ensureTemplateDatabase, linkTo, type TcpLink } from "@pullwright/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { Poller } from "../poller.js";
import type { PollerTiming } from "../timing.js";

/** Fast enough for a spec, slow enough to count. */
export const fast: PollerTiming = { intervalMs: 400, rareMs: 2_000, graceMs: 0, leaseMs: 900, tickMs: 20 };

export interface DeliveryRow {
  readonly source: string;
  readonly guid: string;
  readonly event: string;
  readonly action: string;
  readonly payload: string;
}

/** A local GitHub with one repository, a database, and pollers on both. */
export interface Polling {
  readonly server: LocalGitHub;
  readonly runtime: Runtime;
  readonly databaseUrl: string;
  /** What a poller's process needs in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly link: TcpLink;
  readonly issue: number;
  readonly pollers: readonly Poller[];
  /** Adds a poller as another process would; stopped at the end at the latest. */
  addPoller(timing?: PollerTiming): Poller;
  rows(): Promise<DeliveryRow[]>;
  /** Has Postgres refuse every new delivery, and nothing else; returns how it takes them again. */
  refuseDeliveries(): Promise<() => Promise<unknown>>;
  /** Polls of one feed that reached GitHub. */
  polls(feed?: "events" | "comments"): { readonly atMs: number; readonly status: number; readonly fault: string | undefined }[];
  close(): Promise<void>;
}

export async function startPolling(
  environment: Readonly<Record<string, string>> = {},
  credentials: "token" | "app" = "token",
  /** Requests that GitHub allows in an hour. */
  rateLimit = 5_000,
): Promise<Polling> {
  await ensureTemplateDatabase("pullwright_with_queue", async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  const database = await createTestDatabase({ template: "pullwright_with_queue" });
  const { link, url } = await linkTo(database.url);
  const folder = await mkdtemp(join(tmpdir(), "pullwright-poller-"));
  const server = await startCheckedGitHub({ dataDir: folder, rateLimit });
  server.addUser({ login: "octo" });
  server.addUser({ login: "robot" });
  await server.createRepository({ owner: "octo", name: "demo", files: { "README.md": "# Demo\n" } });
  server.setCollaborator("octo/demo", "robot", "write");
  const issue = server.createIssue({ repo: "octo/demo", title: "A bug", author: "octo" }).number;
  const variables = {
    DATABASE_URL: url,
    GITHUB_API_URL: server.apiUrl,
    GITHUB_GRAPHQL_URL: server.graphqlUrl,
    GITHUB_SERVER_URL: server.url,
    ...(credentials === "token" ? { GITHUB_TOKEN: server.createToken({ user: "robot" }) } : await installedApp(server)),
    GITHUB_WEBHOOK_SECRET: "a webhook secret",
    REPOSITORIES: "octo/demo",
    LOG_LEVEL: "fatal",
    WEBHOOK_PORT: "0",
    PORT: "0",
    ...environment,
  };
  const runtime = await openRuntime("poller", loadConfig(variables));
  const past = new pg.Pool({ connectionString: database.url, max: 1 });
  past.on("error", () => undefined); // Its end does not wait for the server, which drops the database with all connections.
  const pollers: Poller[] = [];
  return {
    server,
    runtime,
    databaseUrl: database.url,
    environment: { ...variables, DATABASE_URL: database.url },
    link,
    issue,
    pollers,
    addPoller: (timing = fast) => {
      const owner = `poller ${(pollers.length + 1).toString()}`;
      const poller = new Poller({ ...runtime, owner }, createGitHub(runtime.config.github, { requestTimeoutMs: 1_000 }), timing);
      pollers.push(poller);
      void poller.start();
      return poller;
    },
    rows: async () => {
      const answer = await past.query<DeliveryRow>("SELECT source, guid, event, action, payload FROM deliveries ORDER BY received_at");
      return answer.rows;
    },
    refuseDeliveries: async () => {
      await past.query("ALTER TABLE deliveries ADD CONSTRAINT refused CHECK (false) NOT VALID");
      return () => past.query("ALTER TABLE deliveries DROP CONSTRAINT refused");
    },
    polls: (feed = "events") =>
      server
        .requests()
        .filter(({ apiPath }) => apiPath === `/repos/octo/demo/issues/${feed}`)
        .map(({ at, status, fault }) => ({ atMs: at.getTime(), status, fault })),
    close: async () => {
      await Promise.all(pollers.map((poller) => poller.stop()));
      await runtime.shutdown.run("the spec ends");
      await past.end();
      await link.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
      await server.close();
    },
  };
}

/** An App on the repository whose webhook leads nowhere. */
function installedApp(server: LocalGitHub): Record<string, string> {
  const app = server.createApp({
    name: "Pullwright",
    owner: "octo",
    permissions: { issues: "write", contents: "write", pull_requests: "write" },
    events: ["issues", "issue_comment"],
    webhookUrl: "http://127.0.0.1:9/webhooks/github",
  });
  server.installApp({ appId: app.appId, repositories: ["octo/demo"] });
  return { GITHUB_APP_ID: app.appId.toString(), GITHUB_APP_PRIVATE_KEY: app.privateKey };
}
