import type { Config } from "@pullwright/platform";
import { AppTokens } from "./auth/app-tokens.js";
import { createAccessBroker, type TokenBroker } from "./auth/token-broker.js";
import { checkClient } from "./resources/checks.js";
import { commentClient } from "./resources/comments.js";
import { feedClient } from "./resources/feeds.js";
import { readIdentity, type Identity } from "./resources/identity.js";
import { issueClient } from "./resources/issues.js";
import { labelClient } from "./resources/labels.js";
import { permissionClient } from "./resources/permissions.js";
import { pullClient } from "./resources/pulls.js";
import { repositoryClient } from "./resources/repositories.js";
import type { Door } from "./transport/door.js";
import { composeOctokit } from "./transport/octokit.js";
import { RateGate, type QuotaReading } from "./transport/rate-gate.js";
import {
  defaultWritePace,
  WritePacer,
  type WritePace,
} from "./transport/write-pacer.js";

/** Which GitHub, and who we are to it. */
export type GitHubSettings = Pick<
  Config["github"],
  "apiUrl" | "graphqlUrl" | "serverUrl" | "credentials"
>;

export interface GitHubOptions {
  /** From sending a request to the end of its answer. Default: 10 s. */
  readonly requestTimeoutMs?: number;
  readonly writePace?: WritePace;
  readonly userAgent?: string;
  /** The clock, for tests of limits. */
  readonly now?: () => number;
}

/** GitHub, as Pullwright uses it. Refusals are thrown as `GitHubError`; nothing is retried here (DESIGN R9). */
export type GitHub = ReturnType<typeof createGitHub>;

const REQUEST_TIMEOUT_MS = 10_000;

/** Opens the one door to GitHub. Makes no request. */
export function createGitHub(
  settings: GitHubSettings,
  options: GitHubOptions = {},
) {
  const now = options.now ?? Date.now;
  const gate = new RateGate(now);
  const { credentials } = settings;
  const appTokens =
    credentials?.kind === "app"
      ? new AppTokens(credentials, () => octokit, now)
      : undefined;
  const broker = createAccessBroker(credentials, appTokens);
  const octokit = composeOctokit(
    {
      apiUrl: settings.apiUrl,
      userAgent: options.userAgent ?? "pullwright",
    },
    {
      access: (call) => broker.access(call),
      onUnauthorized: (access) => broker.forget(access),
      gate,
      pacer: new WritePacer(options.writePace ?? defaultWritePace, now),
      requestTimeoutMs: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
      now,
    },
  );
  const door: Door = {
    rest: octokit.rest,
    request: octokit.request,
    graphqlUrl: settings.graphqlUrl,
    serverUrl: settings.serverUrl,
  };
  const tokens: TokenBroker = {
    tokenFor: broker.tokenFor,
    gitCredentials: broker.gitCredentials,
  };
  let identity: Promise<Identity> | undefined;
  return {
    /** Who we are: kept once known, since it changes only with the credentials. */
    identity: (): Promise<Identity> => {
      identity ??= readIdentity(door, appTokens).catch((error: unknown) => {
        identity = undefined;
        throw error;
      });
      return identity;
    },
    repositories: repositoryClient(door),
    permissions: permissionClient(door),
    issues: issueClient(door),
    comments: commentClient(door),
    labels: labelClient(door),
    feeds: feedClient(door),
    pulls: pullClient(door),
    checks: checkClient(door),
    tokens,
    /** Whether check runs may be written; otherwise set commit statuses. */
    isApp: appTokens !== undefined,
    /** What GitHub last said of our quotas, and which accounts it keeps silent. */
    quota: (): QuotaReading[] => gate.quota(),
  };
}
