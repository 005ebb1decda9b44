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

/** A local GitHub with one issue, and what processes share that ask it with one token. */
export interface OneCredential {
  readonly server: LocalGitHub;
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

export async function oneCredential(): Promise<OneCredential> {
  await ensureTemplateDatabase("pullwright_with_queue", async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  const database = await createTestDatabase({ template: "pullwright_with_queue" });
  const { link, url } = await linkTo(database.url);
  const dataDir = await mkdtemp(join(tmpdir(), "pullwright-quota-"));
  const server = await startCheckedGitHub({ dataDir, rateLimit: quotaLimit });
  for (const login of ["octo", "robot"]) server.addUser({ login });
  await server.createRepository({ ...demo, files: { "README.md": "# Demo\n" } });
  server.setCollaborator("octo/demo", "robot", "write");
  server.createIssue({ repo: "octo/demo", title: "A bug", author: "octo" });
  const environment = {
    DATABASE_URL: database.url,
    GITHUB_API_URL: server.apiUrl,
    GITHUB_GRAPHQL_URL: server.graphqlUrl,
    GITHUB_SERVER_URL: server.url,
    GITHUB_TOKEN: server.createToken({ user: "robot" }),
    LOG_LEVEL: "fatal",
  };
  const runtime = await openRuntime("spec", loadConfig({ ...environment, DATABASE_URL: url }));
  const children: ChildProcess[] = [];
  return {
    server,
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
      await rm(dataDir, { recursive: true, force: true });
      await server.close();
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
