import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startCheckedGitHub, type LocalGitHub } from "@pullwright/local-github";
import { loadConfig, type Config } from "@pullwright/platform";
import { migrateDatabase } from "@pullwright/runtime";
import { createTestDatabase, ensureTemplateDatabase, freePort } from "@pullwright/testing";
import { startAll } from "../start-all.js";

export const REPOSITORY = "acme/shop";
export const TOKEN_USER = "pullwright-bot";
export const APP = "pullwright";

/** The whole product in this process, against a GitHub of its own. */
export interface Installation {
  readonly github: LocalGitHub;
  /** What it shows GitHub: its token, or the App's private key. */
  readonly credential: string;
  readonly apiUrl: string;
  readonly config: Config;
  call(path: string, init?: { method?: string; body?: unknown }): Promise<{ status: number; body: unknown }>;
  /** Opens an issue with labels of its own, gives it the one that starts a run and waits until that is in one of the given statuses. */
  run(issue: { title?: string; body: string; labels?: string[]; label?: string; until?: readonly string[] }): Promise<RunView>;
  runOf(issueNumber: number, until: readonly string[]): Promise<RunView>;
  logsOf(adwId: string): Promise<string>;
  /** The prompts of a phase as its agents got them, one an attempt, in the order in which these began. */
  promptsOf(adwId: string, phase: string): Promise<string[]>;
  /** What is kept of a run under a name. */
  artifactsOf(adwId: string, name: string): Promise<string[]>;
  /** What the database says where the API does not. */
  rows(sql: string, values: readonly unknown[]): Promise<unknown[]>;
  stop(): Promise<void>;
}

export interface RunView {
  readonly adw_id: string;
  readonly status: string;
  readonly outcome: string | null;
  readonly classification: string | null;
  readonly issue_number: number;
  readonly waiting_reason: string | null;
  readonly waiting: { readonly since: string; readonly resume_at: string | null } | null;
  readonly pull_request_url: string | null;
  readonly branch_name: string;
  readonly errors: readonly { readonly class?: string; readonly message: string }[];
  readonly phases: readonly { readonly phase: string; readonly status: string; readonly round: number }[];
}

const KEY = `pw_${"k".repeat(43)}`;
const WEBHOOK_SECRET = "a-secret-of-the-specs-and-nobody-else";
/** A busy machine needs most of a minute for a run with three rounds. */
const RUN_WITHIN_MS = 150_000;
/** Asking costs what the run itself needs: the product and its database answer on the same cores. */
const ASK_EVERY_MS = 250;
const ENDED = ["completed", "failed", "cancelled"];

/** Tested by one process: what npm adds costs more than the test. */
const shop = {
  "README.md": "# Shop\n",
  ".pullwright.yml": "commands: { test: [[node, sum.test.mjs]] }\n",
  "sum.mjs": "export const sum = (a, b) => a - b;\n",
  "sum.test.mjs":
    'import assert from "node:assert/strict";\nimport test from "node:test";\nimport { sum } from "./sum.mjs";\ntest("sums", () => assert.equal(sum(2, 3), 5));\n',
};

/** The same shop where nobody names the commands: npm's are found. */
export const npmShop = {
  "README.md": shop["README.md"],
  "sum.mjs": shop["sum.mjs"],
  "sum.test.mjs": shop["sum.test.mjs"],
  "package.json": JSON.stringify({ name: "shop", version: "1.0.0", type: "module", scripts: { test: "node --test" } }),
};

export interface WorldOptions {
  readonly redisUrl?: string | undefined;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the repository holds instead of the shop. */
  readonly files?: Readonly<Record<string, string>>;
  /** Whose tables are there already; an empty database unless told. */
  readonly template?: string;
  /** Act as a GitHub App in place of a machine user with a token. */
  readonly asApp?: boolean;
  /** All that the token or the App may do, on a repository that nobody else sees; a classic token unless told. */
  readonly permissions?: Permissions;
}

export type Permissions = Parameters<LocalGitHub["createApp"]>[0]["permissions"];

/** What the product works with: a GitHub with a repository and people, a database, and the settings that name them. */
export async function startWorld(options: WorldOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), "pullwright-spec-"));
  await chmod(folder, 0o711); // Run by root, agents are another user, who must get in.
  const github = await startCheckedGitHub({ dataDir: join(folder, "github") });
  for (const login of ["acme", "ada", "mallory", TOKEN_USER])
    github.addUser({ login });
  await github.createRepository({
    owner: "acme",
    name: "shop",
    files: options.files ?? shop,
    private: options.permissions !== undefined, // What is public may be read without any right.
  });
  github.setCollaborator(REPOSITORY, "ada", "write");
  github.setCollaborator(REPOSITORY, TOKEN_USER, "write");
  const { credential, settings } = credentials(github, options);
  const { template } = options;
  const database = await createTestDatabase(template === undefined ? {} : { template });
  const environment: Readonly<Record<string, string | undefined>> = {
    PATH: process.env["PATH"],
    WORK_DIR: join(folder, "work"),
    DATABASE_URL: database.url,
    REDIS_URL: options.redisUrl,
    HOST: "127.0.0.1",
    PULLWRIGHT_API_KEY: KEY,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_SERVER_URL: github.url,
    ...settings,
    GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET,
    REPOSITORIES: REPOSITORY,
    AGENT: "command",
    AGENT_COMMAND: JSON.stringify([
      process.execPath,
      fileURLToPath(new URL("agent.mjs", import.meta.url)),
    ]),
    ALLOW_UNSANDBOXED_AGENTS: "true",
    // The pace that GitHub asks for is not what is looked at here.
    GITHUB_WRITES_PER_MINUTE: "3000",
    LOG_LEVEL: process.env["SPEC_LOG_LEVEL"] ?? "fatal",
    ...options.environment,
  };
  return {
    folder,
    github,
    credential,
    environment,
    async close() {
      await database.drop();
      await rm(folder, { recursive: true, force: true });
      await github.close();
    },
  };
}

function credentials(
  github: LocalGitHub,
  { asApp = false, permissions }: WorldOptions,
): { credential: string; settings: Readonly<Record<string, string>> } {
  if (!asApp) {
    const limits = permissions === undefined ? {} : { permissions, repositories: [REPOSITORY] };
    const token = github.createToken({ user: TOKEN_USER, ...limits });
    return { credential: token, settings: { GITHUB_TOKEN: token } };
  }
  const { appId, privateKey } = github.createApp({ name: APP, owner: "acme", permissions: permissions ?? {} });
  github.installApp({ appId, repositories: [REPOSITORY] });
  return {
    credential: privateKey,
    settings: { GITHUB_APP_ID: appId.toString(), GITHUB_APP_PRIVATE_KEY: privateKey },
  };
}

/** What specs do with a product that runs: they open issues, and ask its API. */
export function useProduct(
  github: LocalGitHub,
  addresses: { readonly apiUrl: string; readonly webhookUrl: string },
): Pick<Installation, "call" | "run" | "runOf" | "logsOf" | "promptsOf" | "artifactsOf"> {
  github.createWebhook(REPOSITORY, {
    url: `${addresses.webhookUrl}/webhooks/github`,
    secret: WEBHOOK_SECRET,
    events: ["issues", "issue_comment", "pull_request"],
  });
  const call: Installation["call"] = async (path, init = {}) => {
    const response = await fetch(`${addresses.apiUrl}${path}`, {
      method: init.method ?? "GET",
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return { status: response.status, body: isJson ? (JSON.parse(text) as unknown) : text };
  };
  const newestRunOf = async (issueNumber: number) => {
    const { body } = await call(`/api/workflows?issue_number=${issueNumber}&limit=1`);
    return (body as { items: { adw_id: string }[] }).items[0]?.adw_id;
  };
  const runOf: Installation["runOf"] = async (issueNumber, until) => {
    const endAt = Date.now() + RUN_WITHIN_MS;
    let adwId: string | undefined;
    let seen: RunView | undefined;
    while (Date.now() < endAt) {
      adwId ??= await newestRunOf(issueNumber);
      if (adwId !== undefined) {
        seen = (await call(`/api/workflows/${adwId}`)).body as RunView;
        if (until.includes(seen.status)) return seen;
      }
      await sleep(ASK_EVERY_MS);
    }
    throw new Error(`run of #${issueNumber} is ${JSON.stringify(seen ?? "not there")}, not ${until.join(" or ")}`);
  };
  return {
    call,
    runOf,
    async run({ title = "The sum is wrong", body, labels = [], label = "adw", until = ENDED }) {
      const issue = github.createIssue({ repo: REPOSITORY, title, body, labels, author: "ada" });
      github.addLabel(REPOSITORY, issue.number, label, "ada");
      return runOf(issue.number, until);
    },
    async logsOf(adwId) {
      const { body } = await call(`/api/workflows/${adwId}/logs?limit=500`);
      return (body as { logs: string[] }).logs.join("\n");
    },
    async promptsOf(adwId, phase) {
      const { body } = await call(`/api/workflows/${adwId}/conversations`);
      const { items } = body as { items: { id: string; phase: string; started_at: string }[] };
      const conversations = items
        .filter((conversation) => conversation.phase === phase)
        .sort((a, b) => a.started_at.localeCompare(b.started_at));
      return Promise.all(
        conversations.map(async ({ id }) => {
          const answer = await call(`/api/conversations/${id}/messages`);
          const messages = answer.body as { items: { role: string; content: string }[] };
          return messages.items
            .filter(({ role }) => role === "user")
            .map(({ content }) => content)
            .join("\n");
        }),
      );
    },
    async artifactsOf(adwId, name) {
      const path = `/api/workflows/${adwId}/artifacts`;
      const { body } = await call(path);
      const { items } = body as { items: { id: string; name: string }[] };
      const named = items.filter((item) => item.name === name);
      return Promise.all(named.map(async ({ id }) => String((await call(`${path}/${id}/content`)).body)));
    },
  };
}

/** Starts the whole product in this process. */
export async function startInstallation(
  options: WorldOptions & { readonly change?: (config: Config) => Config } = {},
): Promise<Installation> {
  const template = "pullwright_with_queue";
  await ensureTemplateDatabase(template, async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  const world = await startWorld({ template, ...options });
  const { github, credential } = world;
  const config = loadConfig({
    ...world.environment,
    PORT: String(await freePort()),
    WEBHOOK_PORT: String(await freePort()),
  });
  const { runtime, addresses } = await startAll(
    options.change?.(config) ?? config,
  );
  return {
    github,
    credential,
    apiUrl: addresses.apiUrl,
    config,
    ...useProduct(github, {
      apiUrl: addresses.apiUrl,
      webhookUrl: addresses.webhookUrl ?? "",
    }),
    rows: async (sql, values) => (await runtime.database.pool.query(sql, [...values])).rows,
    async stop() {
      await runtime.shutdown.run("the spec is over");
      await world.close();
    },
  };
}

/** Waits until something holds; effects on GitHub trail a run's status by some seconds. */
export async function eventually(check: () => void | Promise<void>, timeoutMs = 20_000): Promise<void> {
  const endAt = Date.now() + timeoutMs;
  for (;;) {
    try {
      await check();
      return;
    } catch (error) {
      if (Date.now() > endAt) throw error;
      await sleep(ASK_EVERY_MS);
    }
  }
}
