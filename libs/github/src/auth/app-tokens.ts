import { createAppAuth } from "@octokit/auth-app";
import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import { GitHubError, isGitHubError } from "../error/github-error.js";
import { fullNameOf, type RepositoryName } from "../repository-name.js";
import { PAGE_SIZE } from "../transport/door.js";
import { read } from "../transport/read-answer.js";
import type { Access } from "./access.js";
import type { Token, TokenPurpose } from "./token.js";

const MINUTE_MS = 60_000;
/** A token is replaced this long before it expires, so that a push that starts with it ends with it. */
const SPARE_MS = 5 * MINUTE_MS;
/** An installation's permissions may be widened at any time; asked again after this. */
const INSTALLATION_KEPT_MS = 10 * MINUTE_MS;

type Permissions = Readonly<Record<string, "read" | "write">>;

/** The least that each purpose needs. Permissions that the installation lacks are left out: asking for them is refused. */
const permissionsFor: Readonly<Record<TokenPurpose, Permissions>> = {
  read: {
    metadata: "read",
    contents: "read",
    issues: "read",
    pull_requests: "read",
    statuses: "read",
    checks: "read",
    repository_hooks: "read",
  },
  issues: {
    metadata: "read",
    contents: "read",
    issues: "write",
    pull_requests: "write",
    statuses: "write",
    checks: "write",
  },
  // The draft state: GitHub asks for the right to write contents as well, and calls it a lack of access otherwise.
  publish: { metadata: "read", contents: "write", pull_requests: "write" },
  push: { metadata: "read", contents: "write" },
};

const installationBody = z.object({
  id: z.int(),
  permissions: z.record(z.string(), z.string()),
});
const installationList = z.array(
  z.object({ id: z.int(), suspended_at: z.string().nullish() }),
);
const tokenBody = z.object({
  token: z.string().min(1),
  expires_at: z.string(),
});

type Installation = z.output<typeof installationBody>;

interface Kept<T> {
  readonly value: Promise<T>;
  keptUntilMs: number;
}

/** Mints installation tokens of a GitHub App: one repository each, least rights, kept until shortly before they expire. */
export class AppTokens {
  private readonly installations = new Map<string, Kept<Installation>>();
  private readonly tokens = new Map<string, Kept<Token>>();
  private readonly signJwt: () => Promise<{ token: string }>;
  /** The App itself, as an account. */
  readonly account: string;

  constructor(
    app: { readonly appId: string; readonly privateKey: string },
    private readonly octokit: () => Octokit,
    private readonly now: () => number,
  ) {
    this.account = `app:${app.appId}`;
    const auth = createAppAuth({
      appId: app.appId,
      privateKey: app.privateKey,
    });
    this.signJwt = () => auth({ type: "app" });
  }

  async tokenFor(
    repository: RepositoryName,
    purpose: TokenPurpose,
  ): Promise<Token> {
    const key = `${keyOf(repository)} ${purpose}`;
    return this.keep(this.tokens, key, async (entry) => {
      const token = await this.mint(repository, purpose);
      entry.keptUntilMs = (token.expiresAt?.getTime() ?? 0) - SPARE_MS;
      return token;
    });
  }

  /** What the App's installation on a repository may do: `read`, `write` or `admin` by GitHub's names. */
  async permissionsOn(
    repository: RepositoryName,
  ): Promise<Readonly<Record<string, string>>> {
    return (await this.installationOf(repository)).permissions;
  }

  /** Whether the App is installed on a repository by this installation. */
  async isInstalledBy(
    installationId: number,
    repository: RepositoryName,
  ): Promise<boolean> {
    try {
      const kept = await this.installationOf(repository);
      if (kept.id === installationId) return true;
      // The App may have been installed anew since.
      this.installations.delete(keyOf(repository));
      return (await this.installationOf(repository)).id === installationId;
    } catch (error) {
      if (isGitHubError(error, "not_found")) return false;
      throw error;
    }
  }

  /** The App itself, without an installation. */
  async appAccess(): Promise<Access> {
    const token = await this.jwt();
    const { account } = this;
    return { authorization: `Bearer ${token}`, secret: token, account };
  }

  /** A token of any installation that can read public facts; undefined when no installation gives one. */
  async anyInstallation(): Promise<string | undefined> {
    const list = await this.octokit().rest.apps.listInstallations({
      headers: { authorization: `Bearer ${await this.jwt()}` },
      per_page: PAGE_SIZE,
    });
    for (const { id, suspended_at } of read(list, installationList)) {
      if (suspended_at) continue;
      try {
        return (await this.mintFor(id, { permissions: { metadata: "read" } }))
          .token;
      } catch (error) {
        // Suspended or removed since; the next may be neither.
        if (isGitHubError(error, "forbidden")) continue;
        if (isGitHubError(error, "not_found")) continue;
        throw error;
      }
    }
    return undefined;
  }

  /** Drops a token that GitHub refused: it was revoked, or the installation is gone. */
  forget(secret: string): void {
    for (const [key, kept] of this.tokens) {
      void kept.value.then(
        ({ token }) => {
          if (token === secret && this.tokens.get(key) === kept)
            this.tokens.delete(key);
        },
        () => undefined, // A failed mint removes itself.
      );
    }
    this.installations.clear();
  }

  private async mint(
    repository: RepositoryName,
    purpose: TokenPurpose,
  ): Promise<Token> {
    const installation = await this.installationOf(repository);
    const body = await this.mintFor(installation.id, {
      repositories: [repository.name],
      permissions: granted(permissionsFor[purpose], installation.permissions),
    });
    return {
      token: body.token,
      account: `installation:${installation.id.toString()}`,
      expiresAt: new Date(body.expires_at),
    };
  }

  private async mintFor(
    installationId: number,
    limits: {
      readonly repositories?: string[];
      readonly permissions: Permissions;
    },
  ): Promise<z.output<typeof tokenBody>> {
    const answer = await this.octokit().rest.apps.createInstallationAccessToken(
      {
        headers: { authorization: `Bearer ${await this.jwt()}` },
        installation_id: installationId,
        ...limits,
      },
    );
    return read(answer, tokenBody);
  }

  private installationOf(repository: RepositoryName): Promise<Installation> {
    return this.keep(this.installations, keyOf(repository), async (entry) => {
      const answer = await this.octokit().rest.apps.getRepoInstallation({
        headers: { authorization: `Bearer ${await this.jwt()}` },
        owner: repository.owner,
        repo: repository.name,
      });
      const installation = read(answer, installationBody);
      entry.keptUntilMs = this.now() + INSTALLATION_KEPT_MS;
      return installation;
    });
  }

  private async jwt(): Promise<string> {
    try {
      return (await this.signJwt()).token;
    } catch {
      // The cause may quote the key.
      throw new GitHubError(
        "unauthorized",
        "GITHUB_APP_PRIVATE_KEY is not a private key that signs",
      );
    }
  }

  /** One flight a key, however many ask; failures are not kept. */
  private keep<T>(
    kept: Map<string, Kept<T>>,
    key: string,
    make: (entry: { keptUntilMs: number }) => Promise<T>,
  ): Promise<T> {
    const found = kept.get(key);
    if (found && found.keptUntilMs > this.now()) return found.value;
    const timing = { keptUntilMs: Infinity }; // In flight.
    const entry: Kept<T> = Object.assign(timing, { value: make(timing) });
    kept.set(key, entry);
    entry.value.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return entry.value;
  }
}

const keyOf = (repository: RepositoryName): string =>
  fullNameOf(repository).toLowerCase();

function granted(
  wanted: Permissions,
  has: Readonly<Record<string, string>>,
): Permissions {
  const entries = Object.entries(wanted).flatMap(([name, level]) => {
    const given = has[name];
    if (given === undefined && name !== "metadata") return [];
    return [[name, given === "read" ? "read" : level] as const];
  });
  return Object.fromEntries(entries);
}
