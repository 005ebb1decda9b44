import { isGitHubError, type GitHub, type Issue } from "@pullwright/github";
import type { IssueSnapshot, Repository } from "@pullwright/persistence";
import { ApiProblem, invalidRequest } from "../http/api-problem.js";

/** What a run keeps of its issue; longer texts are cut. GitHub's own limits are 256 and 65,536. */
const MAX_TITLE_LENGTH = 1_000;
const MAX_BODY_LENGTH = 65_536;
const MAX_LABELS = 100;
const MAX_NAME_LENGTH = 100;
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
  const snapshot = snapshotOf(issue);
  const fault = faultOf(issue, snapshot);
  if (fault !== undefined)
    throw invalidRequest([{ field: "issue_number", message: fault }]);
  if (issue.state === "closed")
    throw new ApiProblem(
      "not-possible-now",
      "The issue is closed. Reopen it, then ask again.",
    );
  return snapshot;
}

/** A text in place of an issue; its first line is the title. */
export function textSnapshot(text: string): IssueSnapshot {
  const [title = ""] = text.trimStart().split(/[\r\n]/, 1);
  return {
    title: title.slice(0, MAX_TEXT_TITLE_LENGTH),
    body: text,
    labels: [],
    author: null,
    comments: [],
  };
}

function snapshotOf(issue: Issue): IssueSnapshot {
  return {
    title: storable(issue.title, MAX_TITLE_LENGTH),
    body: storable(issue.body, MAX_BODY_LENGTH),
    labels: issue.labels
      .slice(0, MAX_LABELS)
      .map((label) => storable(label, MAX_NAME_LENGTH)),
    author: storable(issue.author.login, MAX_NAME_LENGTH),
    comments: [],
  };
}

/** Postgres keeps neither NUL nor lone surrogates. */
function storable(text: string, maxLength: number): string {
  return text
    .slice(0, maxLength)
    .replaceAll("\0", "")
    .replace(/\p{Surrogate}/gu, "\ufffd");
}

function faultOf(issue: Issue, snapshot: IssueSnapshot): string | undefined {
  if (issue.isPullRequest) return "is a pull request, not an issue";
  return /[\p{L}\p{N}]/u.test(snapshot.title + snapshot.body)
    ? undefined
    : "has neither a readable title nor a description";
}

function missing({ owner, name }: Repository, number: number): ApiProblem {
  const message = `there is no issue ${number.toString()} in ${owner}/${name}`;
  return new ApiProblem("not-found", message, {
    errors: [{ field: "issue_number", message }],
  });
}
