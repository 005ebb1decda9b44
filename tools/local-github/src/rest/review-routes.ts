import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { HttpError } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { created, ok } from "../http/reply.js";
import { requestReviewers, withdrawReviewers } from "../operations/pulls.js";
import { addReview } from "../operations/reviews.js";
import {
  pullShape,
  reviewShape,
  type PullIssue,
} from "../shapes/pull-shape.js";
import { userShape } from "../shapes/user-shape.js";
import type { User } from "../state/model.js";
import { pullOf, route, usersNamed } from "./define.js";

const EVENTS = ["APPROVE", "REQUEST_CHANGES", "COMMENT"] as const;

export const reviewRoutes: readonly RepositoryRoute[] = [
  route("GET /pulls/{pull_number}/reviews", needs.readPulls, (exchange) => {
    const { world, repository } = exchange;
    const issue = pullOf(exchange);
    return paginated(exchange, issue.pull.reviews, (review) =>
      reviewShape(world.urls, repository, issue, review),
    );
  }),
  route("POST /pulls/{pull_number}/reviews", needs.openPulls, (exchange) => {
    const { world, repository, actor, body } = exchange;
    const issue = pullOf(exchange);
    const event = body.choice("event", EVENTS);
    const text = body.optionalString("body") ?? "";
    if (text === "" && event !== undefined && event !== "APPROVE")
      throw new HttpError(422, "Unprocessable Entity");
    const review = addReview(
      world,
      repository,
      issue,
      { event, body: text, commitSha: body.optionalString("commit_id") },
      actor,
    );
    return ok(reviewShape(world.urls, repository, issue, review));
  }),
  route(
    "GET /pulls/{pull_number}/requested_reviewers",
    needs.readPulls,
    (exchange) => {
      const users = pullOf(exchange).pull.requestedReviewers.map((user) =>
        userShape(exchange.world.urls, user),
      );
      return ok({ users, teams: [] });
    },
  ),
  route(
    "POST /pulls/{pull_number}/requested_reviewers",
    needs.openPulls,
    (exchange) => {
      const { world, repository, actor } = exchange;
      const issue = pullOf(exchange);
      requestReviewers(
        world,
        repository,
        issue,
        reviewers(exchange, issue),
        actor,
      );
      return created(pullShape(world.urls, repository, issue));
    },
  ),
  route(
    "DELETE /pulls/{pull_number}/requested_reviewers",
    needs.openPulls,
    (exchange) => {
      const { world, repository, actor } = exchange;
      const issue = pullOf(exchange);
      withdrawReviewers(
        world,
        repository,
        issue,
        usersNamed(exchange, exchange.body.strings("reviewers")),
        actor,
      );
      return ok(pullShape(world.urls, repository, issue));
    },
  ),
];

function reviewers(exchange: RepositoryExchange, issue: PullIssue): User[] {
  const users = usersNamed(exchange, exchange.body.strings("reviewers"));
  if (users.includes(issue.author.user))
    throw new HttpError(
      422,
      "Review cannot be requested from pull request author.",
    );
  return users;
}
