import type {
  Comment,
  GitHub,
  Repository as RepositoryNow,
} from "@pullwright/github";
import { commentsOf } from "@pullwright/intake";
import type { Repository } from "@pullwright/persistence";

/** What a run needs to know besides its issue. On GitHub itself each answer takes a tenth of a second or more. */
export interface ReadAhead {
  readonly comments: Promise<readonly Comment[]>;
  readonly repository: Promise<RepositoryNow>;
  /** The issues that it waits for. */
  readonly blockedBy: Promise<readonly string[]>;
}

/** Asks for all of it at once, before it is known whether there will be a run. What is refused fails where it is awaited. */
export function readAhead(
  github: GitHub,
  repository: Repository,
  issueNumber: number,
): ReadAhead {
  const ahead: ReadAhead = {
    comments: commentsOf(github, repository, issueNumber),
    repository: github.repositories.get(repository),
    blockedBy: openBlockers(github, repository, issueNumber),
  };
  // Where no run begins nobody awaits them.
  for (const answer of Object.values(ahead) as Promise<unknown>[])
    answer.catch(() => undefined);
  return ahead;
}

/** A server that refuses to tell what blocks an issue keeps no run from it. */
async function openBlockers(
  github: GitHub,
  repository: Repository,
  issueNumber: number,
): Promise<readonly string[]> {
  return (await github.issues.openBlockers(repository, issueNumber)) ?? [];
}
