import type { TriggerBody } from "@pullwright/contracts";
import type { GitHub } from "@pullwright/github";
import type { IssueSnapshot, Repository } from "@pullwright/persistence";
import { ApiProblem } from "../http/api-problem.js";
import { readIssue, textSnapshot } from "./issue-snapshot.js";

/** What a run takes from GitHub as it is now. */
export interface Asked {
  readonly snapshot: IssueSnapshot;
  readonly baseBranch: string;
  /** The open issues that must be closed first. */
  readonly blockedBy: readonly string[];
}

/** Reads all of it at once; refuses when the repository's name belongs to another one now. */
export async function askGitHub(
  github: GitHub,
  repository: Repository,
  { issue_number, text = "" }: TriggerBody,
): Promise<Asked> {
  const reads =
    issue_number === undefined
      ? ([textSnapshot(text), []] as const)
      : Promise.all([
          readIssue(github, repository, issue_number),
          github.issues.openBlockers(repository, issue_number),
        ]);
  const [now, read] = await Promise.allSettled([
    github.repositories.get(repository),
    reads,
  ]);
  // First of all whose it is: an issue that is closed there, or missing, is not the one that was meant.
  if (now.status === "rejected") throw now.reason;
  if (now.value.id !== repository.githubId) throw replaced(repository);
  if (read.status === "rejected") throw read.reason;
  const [snapshot, blockedBy] = read.value;
  return {
    snapshot,
    baseBranch: now.value.defaultBranch,
    // A server that refuses to tell what blocks an issue keeps no run from it.
    blockedBy: blockedBy ?? [],
  };
}

function replaced({ owner, name }: Repository): ApiProblem {
  return new ApiProblem(
    "repository-replaced",
    `The name ${owner}/${name} belongs to another repository now than the one that was registered.`,
  );
}
