import { isGitHubError, type GitHub, type Issue } from "@pullwright/github";
import {
  commentsOf,
  permittedComments,
  saysSomething,
  snapshotOf,
} from "@pullwright/intake";
import type { IssueSnapshot, Repository } from "@pullwright/persistence";
import { ApiProblem, invalidRequest } from "../http/api-problem.js";

const MAX_TEXT_TITLE_LENGTH = 120;

/** The issue as it is now, which is how the run will see it; refuses one that nobody could work on. */
export async function readIssue(
  github: GitHub,
  repository: Repository,
  number: number,
): Promise<IssueSnapshot> {
  const issue = await github.issues
    .get(repository, number)
    .catch((error: unknown) => {
      if (!isGitHubError(error, "not_found")) throw error;
      throw missing(repository, number);
    });
  const fault = faultOf(issue);
  if (fault !== undefined)
    throw invalidRequest([{ field: "issue_number", message: fault }]);
  if (issue.state === "closed")
    throw new ApiProblem(
      "not-possible-now",
      "The issue is closed. Reopen it, then ask again.",
    );
  const comments = await permittedComments(github, {
    repository,
    actor: null,
    askedAt: null,
    comments: commentsOf(github, repository, number),
  });
  return snapshotOf(issue, comments);
}

/** A text in place of an issue; its first line is the title. Refuses one that says nothing. */
export function textSnapshot(text: string): IssueSnapshot {
  const [title = ""] = text.trimStart().split(/[\r\n]/, 1);
  if (!saysSomething({ title, body: text })) {
    const message = "must say something that can be read";
    throw invalidRequest([{ field: "text", message }]);
  }
  return {
    title: title.slice(0, MAX_TEXT_TITLE_LENGTH),
    body: text,
    labels: [],
    author: null,
    comments: [],
  };
}

function faultOf(issue: Issue): string | undefined {
  if (issue.isPullRequest) return "is a pull request, not an issue";
  return saysSomething(issue)
    ? undefined
    : "has neither a readable title nor a description";
}

function missing({ owner, name }: Repository, number: number): ApiProblem {
  const message = `there is no issue ${number.toString()} in ${owner}/${name}`;
  return new ApiProblem("not-found", message, {
    errors: [{ field: "issue_number", message }],
  });
}
