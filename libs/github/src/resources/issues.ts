import { z } from "zod";
import { isGitHubError } from "../error/github-error.js";
import { isNotOffered } from "../error/not-offered.js";
import type { RepositoryName } from "../repository-name.js";
import { at, PAGE_SIZE, type Door } from "../transport/door.js";
import { nextPage, type NextPage } from "../transport/next-page.js";
import { read, type RawAnswer } from "../transport/read-answer.js";
import { accountOrGhost, type Account } from "./account.js";
import { readLastLabeled } from "./last-labeled.js";

/** An issue as it is now. Title and body are strangers' text. */
export interface Issue {
  readonly id: number;
  readonly nodeId: string;
  readonly number: number;
  readonly title: string;
  /** Empty when there is none. */
  readonly body: string;
  readonly state: "open" | "closed";
  readonly author: Account;
  readonly labels: readonly string[];
  /** GitHub counts pull requests among the issues. */
  readonly isPullRequest: boolean;
  readonly url: string;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/** Of more blockers than this (1,000) the first ones decide; GitHub itself takes 50, other servers may take more. */
const MAX_BLOCKER_PAGES = 10;

const issueBody = z.object({
  id: z.int(),
  node_id: z.string().catch(""),
  number: z.int(),
  title: z.string(),
  body: z.string().nullish(),
  state: z.enum(["open", "closed"]),
  user: accountOrGhost,
  labels: z.array(
    z.union([z.string(), z.object({ name: z.string().nullish() })]),
  ),
  pull_request: z.unknown().optional(),
  html_url: z.string().catch(""),
  created_at: z.string(),
  updated_at: z.string(),
});

const blockerBody = z.object({
  number: z.int(),
  state: z.enum(["open", "closed"]),
  repository_url: z.string(),
});

/** Requests about issues. */
export function issueClient(door: Door) {
  return {
    get: async (repository: RepositoryName, number: number): Promise<Issue> =>
      toIssue(
        read(
          await door.rest.issues.get({
            ...at(repository),
            issue_number: number,
          }),
          issueBody,
        ),
      ),

    /**
     * The open issues that block this one, as `owner/name#number`. A server that knows nothing of dependencies (GitHub
     * Enterprise before 3.19) has none; null where it refuses to tell.
     */
    openBlockers: async (
      repository: RepositoryName,
      number: number,
    ): Promise<string[] | null> => {
      try {
        return await readOpenBlockers(door, repository, number);
      } catch (error) {
        if (isGitHubError(error, "not_found")) return [];
        if (!isNotOffered(error) && !isGitHubError(error, "forbidden"))
          throw error;
        door.onLack({ what: "which issues block others", repository, error });
        return null;
      }
    },

    /**
     * All issues that changed since then, closed ones and pull requests among them, page by page.
     *
     * By creation, the one order that no change disturbs while it is read. Followed by GitHub's own links: it numbers only
     * the first pages of a long list.
     */
    changedSince: async function* (
      repository: RepositoryName,
      since: Date,
    ): AsyncGenerator<Issue[]> {
      for (let next: NextPage | undefined = {}; next !== undefined;) {
        const answer: RawAnswer = await door.request({
          method: "GET",
          url: "/repos/{owner}/{repo}/issues",
          ...at(repository),
          state: "all",
          sort: "created",
          direction: "asc",
          since: since.toISOString(),
          per_page: PAGE_SIZE,
          ...next,
        });
        yield read(answer, z.array(issueBody)).map(toIssue);
        next = nextPage(answer);
      }
    },

    /**
     * The newest event that put this label on the issue; undefined when there is none, null where the server keeps no
     * history.
     *
     * Its id is what identifies the cause: the webhook of the same act carries none (DESIGN R2).
     */
    lastLabeled: (repository: RepositoryName, number: number, label: string) =>
      readLastLabeled(door, repository, number, label),
  };
}

async function readOpenBlockers(
  door: Door,
  repository: RepositoryName,
  number: number,
): Promise<string[]> {
  const open: string[] = [];
  for (let page = 1; page <= MAX_BLOCKER_PAGES; page += 1) {
    const answer = await door.rest.issues.listDependenciesBlockedBy({
      ...at(repository),
      issue_number: number,
      per_page: PAGE_SIZE,
      page,
    });
    const blockers = read(answer, z.array(blockerBody));
    open.push(...blockers.filter(({ state }) => state === "open").map(nameOf));
    if (blockers.length < PAGE_SIZE) break;
  }
  return open;
}

function nameOf({
  repository_url: url,
  number,
}: z.output<typeof blockerBody>): string {
  const [owner = "", name = ""] = url.split("/").slice(-2);
  return `${owner}/${name}#${number.toString()}`;
}

function toIssue(body: z.output<typeof issueBody>): Issue {
  return {
    id: body.id,
    nodeId: body.node_id,
    number: body.number,
    title: body.title,
    body: body.body ?? "",
    state: body.state,
    author: body.user,
    labels: body.labels.flatMap((label) =>
      typeof label === "string" ? label : (label.name ?? []),
    ),
    isPullRequest: body.pull_request != null,
    url: body.html_url,
    createdAt: body.created_at,
    updatedAt: body.updated_at,
  };
}
