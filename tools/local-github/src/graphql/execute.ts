import { readFileSync } from "node:fs";
import {
  buildSchema,
  graphql,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from "graphql";
import { mayPull, requireNeed } from "../auth/authorize.js";
import type { Viewer } from "../auth/viewer.js";
import { needs } from "../http/need.js";
import type { Quota } from "../http/rate-limit.js";
import { setDraft } from "../operations/pulls.js";
import { nodeId } from "../shapes/node-id.js";
import { isPull, type PullIssue } from "../shapes/pull-shape.js";
import { iso } from "../shapes/time.js";
import type { Actor, Repository } from "../state/model.js";
import type { World } from "../state/world.js";
import { GraphqlError } from "./graphql-error.js";
import { issueNode, pullNode, repositoryNode, userNode } from "./nodes.js";

let schema: GraphQLSchema | undefined;

/** GitHub's own schema, cut down to what is served here. */
export function githubSchema(): GraphQLSchema {
  schema ??= buildSchema(
    readFileSync(
      new URL("../../__fixtures__/github.graphql", import.meta.url),
      "utf8",
    ),
  );
  return schema;
}

export interface GraphqlRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly operationName?: string;
}

/** Validates and executes one operation. Like GitHub it answers 200 whatever happens, with `errors` in the body. */
export async function executeGraphql(
  world: World,
  viewer: Viewer & { readonly kind: "token" },
  quota: Quota,
  request: GraphqlRequest,
): Promise<{ data?: unknown; errors?: unknown[] }> {
  const { data, errors } = await graphql({
    schema: githubSchema(),
    source: request.query,
    variableValues: request.variables ?? {},
    operationName: request.operationName ?? null,
    rootValue: root(world, viewer, quota),
  });
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined
      ? {}
      : {
          errors: errors.map((error) =>
            present(error.toJSON(), error.originalError),
          ),
        }),
  };
}

const present = (error: GraphQLFormattedError, cause: unknown) => ({
  ...(cause instanceof GraphqlError ? { type: cause.type } : {}),
  ...error,
});

interface PullInput {
  readonly input: {
    readonly pullRequestId: string;
    readonly clientMutationId?: string | null;
  };
}

function root(
  world: World,
  viewer: Viewer & { readonly kind: "token" },
  quota: Quota,
) {
  const { reset, ...used } = quota.shape();
  return {
    id: nodeId("user", viewer.token.user.id),
    viewer: () => userNode(world, viewer.token.user),
    rateLimit: () => ({
      cost: 1,
      nodeCount: 0,
      ...used,
      resetAt: iso(new Date(reset * 1_000)),
    }),
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const repository = world.repositories.get(
        `${owner}/${name}`.toLowerCase(),
      );
      if (repository === undefined || !mayPull(viewer, repository)) {
        throw new GraphqlError(
          "NOT_FOUND",
          `Could not resolve to a Repository with the name '${owner}/${name}'.`,
        );
      }
      return repositoryNode(world, repository);
    },
    node: ({ id }: { id: string }) =>
      findNode(world, viewer, id) ?? missing(id),
    markPullRequestReadyForReview: ({ input }: PullInput) =>
      changeDraft(world, viewer, input, false),
    convertPullRequestToDraft: ({ input }: PullInput) =>
      changeDraft(world, viewer, input, true),
  };
}

function changeDraft(
  world: World,
  viewer: Viewer & { readonly kind: "token" },
  input: PullInput["input"],
  draft: boolean,
) {
  const [repository, issue] =
    findPull(world, viewer, input.pullRequestId) ??
    missing(input.pullRequestId);
  try {
    setDraft(world, repository, issue, draft, draftChanger(viewer, repository));
  } catch {
    throw new GraphqlError(
      "FORBIDDEN",
      viewer.token.permissions
        ? "Resource not accessible by integration"
        : `${viewer.token.user.login} does not have the correct permissions to execute this mutation`,
    );
  }
  return {
    clientMutationId: input.clientMutationId ?? null,
    pullRequest: pullNode(world, repository, issue),
  };
}

/** Of a token GitHub wants two rights for this; each need names only one. */
function draftChanger(viewer: Viewer, repository: Repository): Actor {
  requireNeed(viewer, repository, needs.writeContents);
  return requireNeed(viewer, repository, {
    ...needs.openPulls,
    role: "write",
  });
}

const visible = (world: World, viewer: Viewer) =>
  [...world.repositories.values()].filter((repository) =>
    mayPull(viewer, repository),
  );

function findPull(
  world: World,
  viewer: Viewer,
  id: string,
): [Repository, PullIssue] | undefined {
  for (const repository of visible(world, viewer)) {
    for (const issue of repository.issues.values()) {
      if (isPull(issue) && nodeId("pullRequest", issue.pull.id) === id)
        return [repository, issue];
    }
  }
  return undefined;
}

function findNode(world: World, viewer: Viewer, id: string) {
  const user = [...world.users.values()].find(
    (candidate) => nodeId("user", candidate.id) === id,
  );
  if (user !== undefined) return userNode(world, user);
  const pull = findPull(world, viewer, id);
  if (pull !== undefined) return pullNode(world, ...pull);
  for (const repository of visible(world, viewer)) {
    if (nodeId("repository", repository.id) === id)
      return repositoryNode(world, repository);
    const issue = [...repository.issues.values()].find(
      (candidate) => nodeId("issue", candidate.id) === id,
    );
    if (issue !== undefined) return issueNode(world, repository, issue);
  }
  return undefined;
}

function missing(id: string): never {
  throw new GraphqlError(
    "NOT_FOUND",
    `Could not resolve to a node with the global id of '${id}'`,
  );
}
