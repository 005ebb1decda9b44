import type { GitHubCredentials } from "@pullwright/platform";
import { createHash } from "node:crypto";
import type { RepositoryName } from "../repository-name.js";
import type { GitHubCall } from "../transport/github-call.js";
import { GitHubError } from "../error/github-error.js";
import type { Access } from "./access.js";
import type { AppTokens } from "./app-tokens.js";
import type { Token, TokenPurpose } from "./token.js";

/** What git's askpass helper answers. */
export interface GitCredentials {
  readonly username: "x-access-token";
  readonly password: string;
}

/** Hands out tokens: the configured one, or short-lived ones of the App's installation. */
export interface TokenBroker {
  /** A token for one repository and purpose, good for five minutes at least. */
  readonly tokenFor: (
    repository: RepositoryName,
    purpose: TokenPurpose,
  ) => Promise<Token>;
  /** The same, as git wants it. */
  readonly gitCredentials: (
    repository: RepositoryName,
    purpose: "read" | "push",
  ) => Promise<GitCredentials>;
}

/** Gives each request its credentials. */
export interface AccessBroker extends TokenBroker {
  access(call: GitHubCall): Promise<Access>;
  forget(access: Access): void;
}

/** Creates the broker; without credentials every request is refused as `unauthorized`. */
export function createAccessBroker(
  credentials: GitHubCredentials | undefined,
  appTokens: AppTokens | undefined,
): AccessBroker {
  const tokenFor = async (
    repository: RepositoryName,
    purpose: TokenPurpose,
  ): Promise<Token> => {
    if (appTokens) return appTokens.tokenFor(repository, purpose);
    if (credentials?.kind !== "token") throw noCredentials();
    const { token } = credentials;
    return { token, account: accountOf(token), expiresAt: undefined };
  };
  return {
    tokenFor,
    gitCredentials: async (repository, purpose) => {
      const { token } = await tokenFor(repository, purpose);
      return { username: "x-access-token", password: token };
    },
    access: async (call) => {
      if (call.authorization !== undefined) {
        const secret = call.authorization.replace(/^\w+ /, "");
        const account = appTokens?.account ?? accountOf(secret);
        return { authorization: call.authorization, secret, account };
      }
      if (!call.repository) {
        if (appTokens) return appTokens.appAccess();
        if (credentials?.kind !== "token") throw noCredentials();
        return accessWith(credentials.token, accountOf(credentials.token));
      }
      const { token, account } = await tokenFor(
        call.repository,
        purposeOf(call),
      );
      return accessWith(token, account);
    },
    forget: (access) => appTokens?.forget(access.secret),
  };
}

/** Over GraphQL only the draft state is changed. */
function purposeOf({ isWrite, isGraphql }: GitHubCall): TokenPurpose {
  if (!isWrite) return "read";
  return isGraphql ? "publish" : "issues";
}

function accessWith(token: string, account: string): Access {
  return { authorization: `Bearer ${token}`, secret: token, account };
}

/** Tells tokens apart without telling them: 48 bits of a hash of what has far more. */
function accountOf(token: string): string {
  const hash = createHash("sha256").update(token).digest("hex");
  return `token:${hash.slice(0, 12)}`;
}

function noCredentials(): GitHubError {
  return new GitHubError(
    "unauthorized",
    "No GitHub credentials: set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY",
  );
}
