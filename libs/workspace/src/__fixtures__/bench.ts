import { mkdtemp, rm, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Identity } from "@pullwright/sandbox";

import type { GitCredentials } from "../git/credentials.js";
import type { CommitRequest } from "../commit/commit-request.js";
import { createWorkspaces, type Workspaces } from "../workspaces.js";
import type { PrepareRequest, WorkspacesOptions } from "../workspaces-options.js";
import { type Files, GitServer } from "./git-server.js";

/** As root, git and agents are nobody, as in real use. */
export const owner: Identity | undefined = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

export const TRAILERS = { Run: "abcd1234", Phase: "build", Attempt: "attempt-1" } as const;
export const BRANCH = "pullwright/7-abcd1234-fix-it";

/** A server with one repository, workspaces beside it, and short ways to use them. */
export class Bench {
  readonly folder: string;
  readonly server: GitServer;
  readonly workspaces: Workspaces;

  private constructor(folder: string, server: GitServer, workspaces: Workspaces) {
    this.folder = folder;
    this.server = server;
    this.workspaces = workspaces;
  }

  static async open(
    files: Files = { "README.md": "# Demo\n", "src/app.js": "one\n" },
    options: Partial<WorkspacesOptions> = {},
  ): Promise<Bench> {
    const folder = await mkdtemp(join(tmpdir(), "pullwright-workspace-"));
    await chmod(folder, 0o755);
    const server = await GitServer.start(join(folder, "server"));
    await server.create("demo", files);
    return new Bench(folder, server, await createWorkspaces({ root: join(folder, "root"), owner, ...options }));
  }

  async close(): Promise<void> {
    await this.workspaces.close();
    await this.server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  get credentials(): GitCredentials {
    return { token: () => Promise.resolve(this.server.token) };
  }

  request(more: Partial<PrepareRequest> = {}): PrepareRequest {
    return {
      repository: { id: "4711", cloneUrl: this.server.url("demo") },
      credentials: this.credentials,
      branch: BRANCH,
      baseBranch: "main",
      attemptId: "attempt-1",
      ...more,
    };
  }

  prepare(more: Partial<PrepareRequest> = {}) {
    return this.workspaces.prepare(this.request(more));
  }

  commitRequest(more: Partial<CommitRequest> = {}): CommitRequest {
    return { message: "feat: change it", trailers: TRAILERS, ...more };
  }
}
