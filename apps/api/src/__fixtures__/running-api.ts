import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startCheckedGitHub, type LocalGitHub } from "@pullwright/local-github";
import { generateApiKey, type ApiScope, type Repository } from "@pullwright/persistence";
import { loadConfig } from "@pullwright/platform";
import { migrateDatabase, openRuntime, type Runtime } from "@pullwright/runtime";
import { createTestDatabase, ensureTemplateDatabase, linkTo, type TcpLink } from "@pullwright/testing";
import type { ApiLimits } from "../api-parts.js";
import { startApi } from "../start-api.js";

export const repo = "acme/shop";

/** An API that listens, on a database of its own, beside a local GitHub. */
export interface ApiUnderTest {
  readonly url: string;
  readonly runtime: Runtime;
  readonly github: LocalGitHub;
  readonly repository: Repository;
  /** To Postgres; cut it and the database is away. */
  readonly link: TcpLink;
  /** An admin key. */
  readonly key: string;
  keyFor(scopes: readonly ApiScope[], repositoryIds?: readonly string[]): Promise<string>;
  close(): Promise<void>;
}

export interface ApiUnderTestOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly limits?: Partial<ApiLimits>;
}

export async function startApiUnderTest(options: ApiUnderTestOptions = {}): Promise<ApiUnderTest> {
  await ensureTemplateDatabase("pullwright_with_queue", async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  const database = await createTestDatabase({ template: "pullwright_with_queue" });
  const { link, url: databaseUrl } = await linkTo(database.url);
  const folder = await mkdtemp(join(tmpdir(), "pullwright-api-"));
  const github = await startCheckedGitHub({ dataDir: folder });
  for (const login of ["acme", "ada", "pullwright-bot"]) github.addUser({ login });
  const created = await github.createRepository({ owner: "acme", name: "shop", files: { "README.md": "# shop\n" } });
  github.setCollaborator(repo, "ada", "write");
  github.setCollaborator(repo, "pullwright-bot", "write");
  const key = generateApiKey();
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    GITHUB_API_URL: github.apiUrl,
    GITHUB_GRAPHQL_URL: github.graphqlUrl,
    GITHUB_SERVER_URL: github.url,
    GITHUB_TOKEN: github.createToken({ user: "pullwright-bot" }),
    PULLWRIGHT_API_KEY: key,
    HOST: "127.0.0.1",
    PORT: "0",
    LOG_LEVEL: "fatal",
    ...options.environment,
  });
  const runtime = await openRuntime("api", config);
  const repository = await runtime.stores.repositories.upsert({
    githubId: created.id,
    owner: "acme",
    name: "shop",
    defaultBranch: "main",
  });
  const api = await startApi(runtime, options.limits ? { limits: options.limits } : {});
  return {
    url: api.url,
    runtime,
    github,
    repository,
    link,
    key,
    keyFor: async (scopes, repositoryIds) => {
      const made = generateApiKey();
      await runtime.stores.apiKeys.store({
        key: made,
        name: `spec-${scopes.join("-")}`,
        scopes,
        ...(repositoryIds ? { repositoryIds } : {}),
      });
      return made;
    },
    close: async () => {
      await runtime.shutdown.run("the spec ends");
      await link.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
      await github.close();
    },
  };
}
