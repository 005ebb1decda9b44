import type { Octokit } from "@octokit/rest";
import type { Config } from "@pullwright/platform";
import { AppTokens } from "./auth/app-tokens.js";
import { createAccessBroker, type TokenBroker } from "./auth/token-broker.js";
import { checkClient } from "./resources/checks.js";
import { commentClient } from "./resources/comments.js";
import { feedClient } from "./resources/feeds.js";
import { hookLogClient } from "./resources/hook-log.js";
import { hookClient } from "./resources/hooks.js";
import { readIdentity, type Identity } from "./resources/identity.js";
import { issueClient } from "./resources/issues.js";
import { labelClient } from "./resources/labels.js";
import { OwnIdentity } from "./resources/own-identity.js";
import { permissionClient } from "./resources/permissions.js";
import { pullClient } from "./resources/pulls.js";
import { repositoryClient } from "./resources/repositories.js";
import {
  readWriteRights,
  type RightsQuestion,
  type WriteRights,
} from "./resources/write-rights.js";
import type { RepositoryName } from "./repository-name.js";
import type { Door } from "./transport/door.js";
import { composeOctokit } from "./transport/octokit.js";
import { QuotaGovernor, type RequestListener } from "./quota/quota-governor.js";
import type { QuotaLedger } from "./quota/quota-ledger.js";
import type { RequestClass } from "./quota/request-class.js";
import { RateGate, type QuotaReading } from "./transport/rate-gate.js";
import { sharedTurns } from "./quota/write-turn.js";
import { defaultWritePace, type WritePace } from "./quota/write-pace.js";
import { WritePacer } from "./transport/write-pacer.js";

/** Which GitHub, and who we are to it. */
export type GitHubSettings = Pick<
  Config["github"],
  "apiUrl" | "graphqlUrl" | "serverUrl" | "credentials"
>;

export interface GitHubOptions {
  /** From sending a request to the end of its answer. Default: 10 s. */
  readonly requestTimeoutMs?: number;
  /** What differs from the pace that GitHub asks for. */
  readonly writePace?: Partial<WritePace>;
  readonly userAgent?: string;
  /** Where all processes share what they know of quotas; without it each knows its own. */
  readonly ledger?: QuotaLedger;
  readonly onRequest?: RequestListener;
  /** Hears, each time, of what is missing and not needed. */
  readonly onLack?: Door["onLack"];
  /** The clock, for tests of limits. */
  readonly now?: () => number;
}

/** GitHub, as Pullwright uses it. Refusals are thrown as `GitHubError`; nothing is retried here (DESIGN R9). */
export interface GitHub extends ReturnType<typeof clientsOf> {
  /** Who we are: kept once known, since it changes only with the credentials. Null where the server does not tell. */
  identity(): Promise<Identity | null>;
  /** What we may change in a repository, asked anew each time. */
  writeRights(question: RightsQuestion): Promise<WriteRights>;
  readonly tokens: TokenBroker;
  /** Whether this installation of our App is the repository's; true where we are no App and cannot know. */
  isInstalledBy(
    installationId: number,
    repository: RepositoryName,
  ): Promise<boolean>;
  /** Whether check runs may be written; otherwise set commit statuses. */
  readonly isApp: boolean;
  /** What is known here of our quotas, and which of them are kept silent. */
  quota(): QuotaReading[];
  /**
   * The same GitHub for requests of another class; it is `control` unless said. What `mayWrite` forbids by the time a
   * write would be sent is thrown as `WriteWithheld`.
   */
  as(requestClass: RequestClass, mayWrite?: () => boolean): GitHub;
}

const REQUEST_TIMEOUT_MS = 10_000;
const always = () => true;

/** Opens the one door to GitHub. Makes no request. */
export function createGitHub(
  settings: GitHubSettings,
  options: GitHubOptions = {},
): GitHub {
  const now = options.now ?? Date.now;
  const { ledger } = options;
  const gate = new RateGate(now);
  const governor = new QuotaGovernor(gate, ledger, now, options.onRequest);
  const pace = { ...defaultWritePace, ...options.writePace };
  const requestTimeoutMs = options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS;
  const pacers = new Map<string, WritePacer>();
  const pacerOf = (credential: string) => {
    const found = pacers.get(credential);
    if (found) return found;
    const pacer = new WritePacer(
      pace,
      now,
      ledger && sharedTurns(ledger, credential, requestTimeoutMs),
    );
    pacers.set(credential, pacer);
    return pacer;
  };
  const { credentials } = settings;
  const appTokens =
    credentials?.kind === "app"
      ? new AppTokens(credentials, () => octokits.control, now)
      : undefined;
  const broker = createAccessBroker(credentials, appTokens);
  const octokitOf = (requestClass: RequestClass, mayWrite = always) =>
    composeOctokit(
      {
        apiUrl: settings.apiUrl,
        userAgent: options.userAgent ?? "pullwright",
      },
      requestClass,
      {
        access: (call) => broker.access(call),
        onUnauthorized: (access) => broker.forget(access),
        governor,
        pacerOf,
        mayWrite,
        requestTimeoutMs,
        now,
      },
    );
  const octokits = {
    control: octokitOf("control"),
    status: octokitOf("status"),
    discovery: octokitOf("discovery"),
  };
  const tokens: TokenBroker = {
    tokenFor: broker.tokenFor,
    gitCredentials: broker.gitCredentials,
  };
  const doorOf = ({ rest, request }: Octokit): Door => ({
    rest,
    request,
    graphqlUrl: settings.graphqlUrl,
    serverUrl: settings.serverUrl,
    onLack: options.onLack ?? (() => undefined),
  });
  const self = new OwnIdentity(() =>
    readIdentity(doorOf(octokits.control), appTokens),
  );
  const from = (octokit: Octokit): GitHub => ({
    ...clientsOf(doorOf(octokit), self),
    identity: () => self.get(),
    writeRights: (question) =>
      readWriteRights(doorOf(octokit), appTokens, question),
    isInstalledBy: async (installationId, repository) =>
      appTokens?.isInstalledBy(installationId, repository) ?? true,
    tokens,
    isApp: appTokens !== undefined,
    quota: () => gate.quota(),
    as: (requestClass, mayWrite) =>
      from(
        mayWrite === undefined
          ? octokits[requestClass]
          : octokitOf(requestClass, mayWrite),
      ),
  });
  return from(octokits.control);
}

function clientsOf(door: Door, self: OwnIdentity) {
  return {
    repositories: repositoryClient(door),
    permissions: permissionClient(door),
    issues: issueClient(door),
    comments: commentClient(door, (comment) => {
      self.wrote(comment);
    }),
    labels: labelClient(door),
    feeds: feedClient(door),
    hooks: hookClient(door),
    hookLogs: hookLogClient(door),
    pulls: pullClient(door),
    checks: checkClient(door),
  };
}
