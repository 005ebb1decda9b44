import { z } from "zod";
import { isGitHubError, type GitHubError } from "../error/github-error.js";
import { isNotOffered } from "../error/not-offered.js";
import type { RepositoryName } from "../repository-name.js";
import { at, PAGE_SIZE, type Door } from "../transport/door.js";
import { mutate } from "../transport/graphql.js";
import { read } from "../transport/read-answer.js";
import { pullBody, type Pull } from "./pull.js";

export interface NewPull {
  readonly title: string;
  readonly body: string;
  /** A branch of the same repository. */
  readonly head: string;
  readonly base: string;
  readonly isDraft: boolean;
}

/** What became of the wish for a pull request. */
export type PullCreation =
  | { readonly kind: "created"; readonly pull: Pull }
  /** The branch has an open one already: ours, if an answer was lost, or a person's. */
  | { readonly kind: "exists"; readonly pull: Pull }
  /** The branch holds nothing that the base lacks. */
  | { readonly kind: "no_commits" }
  | { readonly kind: "refused"; readonly reason: string };

export interface PullChange {
  readonly title?: string;
  readonly body?: string;
  readonly state?: "open" | "closed";
}

const pulls = z.array(pullBody);
/** Null for an answer without it: some servers take any mutation and do nothing. */
const mutatedDraft = z
  .record(
    z.string(),
    z.object({ pullRequest: z.object({ isDraft: z.boolean() }) }),
  )
  .nullable()
  .catch(null);

/** Requests about pull requests. */
export function pullClient(door: Door) {
  const get = async (repository: RepositoryName, number: number) =>
    read(
      await door.rest.pulls.get({ ...at(repository), pull_number: number }),
      pullBody,
    );

  const findByHead = async (
    repository: RepositoryName,
    branch: string,
    state: "open" | "all" = "all",
  ): Promise<Pull | undefined> => {
    const answer = await door.rest.pulls.list({
      ...at(repository),
      head: `${repository.owner}:${branch}`,
      state,
      per_page: PAGE_SIZE,
    });
    // A server that does not know `head` would list all.
    const found = read(answer, pulls).filter(
      ({ headBranch }) => headBranch === branch,
    );
    const open = found.filter((pull) => pull.state === "open");
    return oldest(open) ?? oldest(found);
  };

  const setDraft = async (
    repository: RepositoryName,
    pull: Pick<Pull, "number" | "nodeId">,
    isDraft: boolean,
  ): Promise<"done" | "unsupported"> => {
    if (
      pull.nodeId !== "" &&
      (await mutateDraft(door, repository, pull.nodeId, isDraft))
    )
      return "done";
    // GitHub has this on GraphQL only; servers that speak just its REST API take it here, or not at all.
    const changed = await door
      .request("PATCH /repos/{owner}/{repo}/pulls/{pull_number}", {
        ...at(repository),
        pull_number: pull.number,
        draft: isDraft,
      })
      .catch(nullWhereMissing);
    if (changed === null) return "unsupported";
    return read(changed, pullBody).isDraft === isDraft ? "done" : "unsupported";
  };

  return {
    get,

    /** The pull request of a branch of this repository: the open one before closed ones, the oldest before younger ones. */
    findByHead,

    /** Opens one. An answer that got lost, and a branch that has one already, both end with adopting what is there. */
    create: async (
      repository: RepositoryName,
      wanted: NewPull,
    ): Promise<PullCreation> => {
      try {
        const { isDraft, ...rest } = wanted;
        const answer = await door.rest.pulls.create({
          ...at(repository),
          ...rest,
          draft: isDraft,
        });
        return { kind: "created", pull: read(answer, pullBody) };
      } catch (error) {
        if (!isGitHubError(error, "validation")) throw error;
        const pull = await findByHead(repository, wanted.head, "open");
        if (pull) return { kind: "exists", pull };
        return isWithoutCommits(error)
          ? { kind: "no_commits" }
          : { kind: "refused", reason: error.message };
      }
    },

    update: async (
      repository: RepositoryName,
      number: number,
      change: PullChange,
    ): Promise<Pull> =>
      read(
        await door.rest.pulls.update({
          ...at(repository),
          pull_number: number,
          ...change,
        }),
        pullBody,
      ),

    /** Ends the draft state. Harmless to repeat. `unsupported`: the server does it neither by GraphQL nor by REST. */
    markReady: (
      repository: RepositoryName,
      pull: Pick<Pull, "number" | "nodeId">,
    ) => setDraft(repository, pull, false),

    convertToDraft: (
      repository: RepositoryName,
      pull: Pick<Pull, "number" | "nodeId">,
    ) => setDraft(repository, pull, true),
  };
}

/** False where the server does not do this by GraphQL. */
async function mutateDraft(
  door: Door,
  repository: RepositoryName,
  nodeId: string,
  isDraft: boolean,
): Promise<boolean> {
  const name = isDraft
    ? "convertPullRequestToDraft"
    : "markPullRequestReadyForReview";
  const answer = await mutate(
    door,
    repository,
    `mutation ($id: ID!) { ${name}(input: { pullRequestId: $id }) { pullRequest { isDraft } } }`,
    { id: nodeId },
    mutatedDraft,
  ).catch(nullWhereMissing);
  return answer?.[name]?.pullRequest.isDraft === isDraft;
}

/** For what a server does not offer. */
function nullWhereMissing(error: unknown): null {
  if (isNotOffered(error)) return null;
  throw error;
}

/** GitHub says this one only in words. */
function isWithoutCommits(error: GitHubError): boolean {
  return error.details.some(({ message }) =>
    message?.startsWith("No commits between"),
  );
}

function oldest(found: readonly Pull[]): Pull | undefined {
  return [...found].sort((a, b) => a.number - b.number)[0];
}
