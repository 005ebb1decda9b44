import {
  parseRepositoryName,
  type RepositoryName,
} from "../repository-name.js";
import type { Call } from "../error/translate.js";
import type { QuotaResource } from "../quota/quota-ledger.js";

/** A request, as far as credentials, pace and messages need to know it. */
export interface GitHubCall extends Call {
  readonly repository: RepositoryName | undefined;
  readonly isGraphql: boolean;
  /** It makes a token; GitHub counts no content for that. */
  readonly isMinting: boolean;
  /** Given by the caller in place of ours. */
  readonly authorization: string | undefined;
}

interface RequestOptions {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly request?: Readonly<Record<string, unknown>>;
  readonly [parameter: string]: unknown;
}

/** Reads a request's options before Octokit fills the address. */
export function describeCall(options: RequestOptions): GitHubCall {
  const isGraphql = options.url.endsWith("/graphql");
  const { authorization } = options.headers;
  return {
    method: options.method,
    path: isGraphql ? "/graphql" : fill(options),
    isWrite: options.method !== "GET" && options.method !== "HEAD",
    isGraphql,
    isMinting: options.url.endsWith("/access_tokens"),
    repository: repositoryOf(options),
    authorization:
      authorization === undefined ? undefined : String(authorization),
  };
}

/** Which of GitHub's quotas it takes from. */
export function resourceOf({ isGraphql, path }: GitHubCall): QuotaResource {
  if (isGraphql) return "graphql";
  return path.startsWith("/search/") ? "search" : "core";
}

function fill(options: RequestOptions): string {
  return options.url.replace(/\{(\w+)\}/g, (placeholder, name: string) => {
    const value = options[name];
    return typeof value === "string" || typeof value === "number"
      ? encodeURIComponent(value)
      : placeholder;
  });
}

/** REST names the repository in its address; GraphQL's node ids do not, so the caller adds it. */
function repositoryOf(options: RequestOptions): RepositoryName | undefined {
  const { owner, repo } = options;
  if (typeof owner === "string" && typeof repo === "string")
    return { owner, name: repo };
  const given = options.request?.["repository"];
  return typeof given === "string" ? parseRepositoryName(given) : undefined;
}
