import { startCheckedGitHub, type LocalGitHub } from "@pullwright/local-github";
import type { GitHubCredentials } from "@pullwright/platform";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGitHub, type GitHub } from "../github.js";

/** A local GitHub with one repository, seen through our door. */
export interface Local {
  readonly server: LocalGitHub;
  readonly repository: { readonly owner: string; readonly name: string };
  readonly connect: (credentials: GitHubCredentials) => GitHub;
  /** As `robot`, who may write. */
  readonly github: GitHub;
  readonly ids: Readonly<Record<"octo" | "robot" | "reader" | "triager", number>>;
  close(): Promise<void>;
}

export async function startLocal(): Promise<Local> {
  const folder = await mkdtemp(join(tmpdir(), "pullwright-github-"));
  const server = await startCheckedGitHub({ dataDir: folder });
  const idOf = (login: string) => server.addUser({ login }).id;
  const ids = { octo: idOf("octo"), robot: idOf("robot"), reader: idOf("reader"), triager: idOf("triager") };
  const repository = { owner: "octo", name: "demo" };
  await server.createRepository({ ...repository, files: { "README.md": "# Demo\n" } });
  server.setCollaborator("octo/demo", "robot", "write");
  server.setCollaborator("octo/demo", "reader", "read");
  server.setCollaborator("octo/demo", "triager", "triage");
  const connect = (credentials: GitHubCredentials) =>
    createGitHub({
      apiUrl: server.apiUrl,
      graphqlUrl: server.graphqlUrl,
      serverUrl: server.url,
      credentials,
    });
  return {
    server,
    repository,
    connect,
    github: connect({ kind: "token", token: server.createToken({ user: "robot" }) }),
    ids,
    close: async () => {
      await rm(folder, { recursive: true, force: true });
      await server.close();
    },
  };
}
