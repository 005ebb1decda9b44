import type { Octokit } from "@octokit/rest";
import type { RepositoryName } from "../repository-name.js";

/** Something that a server does not tell, or not to us, and that Pullwright can do without. */
export interface Lack {
  /** Such as "which issues block others". */
  readonly what: string;
  /** Undefined: in all of them. */
  readonly repository: RepositoryName | undefined;
  readonly error: unknown;
}

/** What every group of requests needs. */
export interface Door {
  readonly rest: Octokit["rest"];
  /** For what Octokit has no method for. */
  readonly request: Octokit["request"];
  readonly graphqlUrl: string;
  readonly serverUrl: string;
  /** Told each time. */
  readonly onLack: (lack: Lack) => void;
}

/** Octokit's words for a repository. */
export function at({ owner, name }: RepositoryName): {
  owner: string;
  repo: string;
} {
  return { owner, repo: name };
}

/** The most that GitHub gives in one page. */
export const PAGE_SIZE = 100;
