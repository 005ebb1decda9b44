import { createSign } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Octokit } from "@octokit/rest";
import { startLocalGitHub, type LocalGitHubOptions } from "../index.js";

export const REPO = "octo/sample";
export const at = { owner: "octo", repo: "sample" } as const;

/** A local GitHub with an owner, a writer, a triager, a reader and one private repository. */
export async function startStage(options: Partial<LocalGitHubOptions> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "local-github-spec-"));
  const github = await startLocalGitHub({
    dataDir: join(folder, "data"),
    ...options,
  });
  for (const login of ["octo", "writer", "triager", "reader", "stranger"])
    github.addUser({ login });
  await github.createRepository({
    owner: "octo",
    name: "sample",
    private: true,
    files: {
      "README.md": "# sample\n",
      "src/sum.js": "export const sum = (a, b) => a - b;\n",
    },
  });
  github.setCollaborator(REPO, "writer", "write");
  github.setCollaborator(REPO, "triager", "triage");
  github.setCollaborator(REPO, "reader", "read");
  const token = github.createToken({ user: "octo" });
  const as = (auth: string) =>
    new Octokit({
      baseUrl: github.apiUrl,
      auth,
      log: {
        debug: () => undefined,
        info: () => undefined,
        warn: () => undefined,
        error: () => undefined,
      },
    });
  return {
    github,
    token,
    folder,
    as,
    octokit: as(token),
    of: (user: string) => as(github.createToken({ user })),
    close: async () => {
      await github.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** What a call ended with: the status of the answer, refused or not. */
export async function statusOf(
  call: Promise<{ status: number }>,
): Promise<number> {
  return call.then(
    ({ status }) => status,
    (error: unknown) => (error as { status: number }).status, // octokit's errors carry it
  );
}

/** A JSON web token of an App. */
export function appJwt(
  appId: number,
  privateKey: string,
  claims: { readonly exp?: number; readonly iat?: number } = {},
): string {
  const now = Math.floor(Date.now() / 1_000);
  const encode = (value: object) =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${encode({ alg: "RS256", typ: "JWT" })}.${encode({ iat: now - 30, exp: now + 300, iss: appId, ...claims })}`;
  return `${text}.${createSign("RSA-SHA256").update(text).sign(privateKey, "base64url")}`;
}
