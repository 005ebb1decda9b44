import { invalid } from "../http/http-error.js";
import {
  pullShape,
  reviewShape,
  type PullIssue,
} from "../shapes/pull-shape.js";
import type { Actor, Repository, Review } from "../state/model.js";
import type { World } from "../state/world.js";
import { emit } from "../webhooks/emit.js";
import { recordEvent } from "./issue-events.js";

const STATES = {
  APPROVE: "APPROVED",
  REQUEST_CHANGES: "CHANGES_REQUESTED",
  COMMENT: "COMMENTED",
} as const;

/** Reviews a pull request; nobody approves or refuses their own. */
export function addReview(
  world: World,
  repository: Repository,
  issue: PullIssue,
  input: {
    readonly event: keyof typeof STATES | undefined;
    readonly body: string;
    readonly commitSha: string | undefined;
  },
  actor: Actor,
): Review {
  const isOwn = actor.user === issue.author.user;
  if (isOwn && input.event === "APPROVE")
    throw unprocessable("Can not approve your own pull request");
  if (isOwn && input.event === "REQUEST_CHANGES")
    throw unprocessable("Can not request changes on your own pull request");

  const review: Review = {
    id: world.nextId(),
    author: actor,
    body: input.body,
    state: input.event === undefined ? "PENDING" : STATES[input.event],
    commitSha: input.commitSha ?? issue.pull.headSha,
    submittedAt: world.now(),
  };
  issue.pull.reviews.push(review);
  if (review.state === "PENDING") return review;

  issue.pull.requestedReviewers = issue.pull.requestedReviewers.filter(
    (user) => user !== actor.user,
  );
  issue.updatedAt = world.now();
  recordEvent(world, repository, issue, actor, "reviewed");
  emit(world, repository, {
    event: "pull_request_review",
    action: "submitted",
    sender: actor.user,
    payload: {
      // The webhook writes the state in lower case.
      review: {
        ...reviewShape(world.urls, repository, issue, review),
        state: review.state.toLowerCase(),
      },
      pull_request: pullShape(world.urls, repository, issue),
    },
  });
  return review;
}

const unprocessable = (message: string) =>
  invalid({ resource: "PullRequestReview", code: "custom", message });
