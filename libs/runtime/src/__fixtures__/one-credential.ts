import { isGitHubError } from "@pullwright/github";
import { startCheckedGitHub, type LocalGitHub } from "@pullwright/local-github";
import { loadConfig } from "@pullwright/platform";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  linkTo,
  startTypescript,
  type TcpLink,
} from "@pullwright/testing";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrateDatabase, openRuntime, type Runtime } from "../index.js";

export const demo = { owner: "octo", name: "demo" };
export const quotaLimit = 100;

/** A local GitHub with one issue. */
export async function startDemo({ rateLimit = quotaLimit } = {}): Promise<LocalGitHub> {
  const dataDir = await mkdtemp(join(tmpdir(), "pullwright-quota-"));
  const server = await startCheckedGitHub({ dataDir, rateLimit });
  server.addUser({ login: demo.owner });
  await server.createRepository({ ...demo, files: { "README.md": "# Demo\n" } });
  server.createIssue({ repo: "octo/demo", title: "A bug", author: demo.owner });
  return {
    ...server,
    close: async () => {
      await rm(dataDir, { recursive: true, force: true });
      await server.close();
    },
  };
}

/** What processes share that ask a local GitHub with one token, a new user's. */
export interface OneCredential {
  readonly runtime: Runtime;
  /** Between the runtime and its database. */
  readonly link: TcpLink;
  /** What another process needs in its environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts a file of this folder as another process. */
  start(file: string): ChildProcess;
  /** Ends the processes, too. */
  close(): Promise<void>;
}

let users = 0;

export async function oneCredential(server: LocalGitHub): Promise<OneCredential> {
  await ensureTemplateDatabase("pullwright_with_queue", async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  const database = await createTestDatabase({ template: "pullwright_with_queue" });
  const { link, url } = await linkTo(database.url);
  server.faults.clear();
  server.clearRequests();
  users += 1;
  const login = `robot-${users.toString()}`;
  server.addUser({ login });
  server.setCollaborator("octo/demo", login, "write");
  const environment = {
    DATABASE_URL: database.url,
    GITHUB_API_URL: server.apiUrl,
    GITHUB_GRAPHQL_URL: server.graphqlUrl,
    GITHUB_SERVER_URL: server.url,
    GITHUB_TOKEN: server.createToken({ user: login }),
    LOG_LEVEL: "fatal",
  };
  const runtime = await openRuntime("spec", loadConfig({ ...environment, DATABASE_URL: url }));
  const children: ChildProcess[] = [];
  return {
    runtime,
    link,
    environment,
    start: (file) => {
      const child = startTypescript(new URL(file, import.meta.url), [], {
        env: { ...process.env, ...environment },
        stdio: "inherit",
      });
      children.push(child);
      return child;
    },
    close: async () => {
      for (const child of children) await kill(child);
      await runtime.shutdown.run("the spec ends");
      await link.close();
      await database.drop();
    },
  };
}

/** Ends a process at once, as a crash does. */
export async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

/** How GitHub refused, or `none`. */
export async function faultOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (error: unknown) => (isGitHubError(error) ? error.fault : String(error)),
  );
}
