import { hasRole, roleOf } from "../auth/authorize.js";
import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { HttpError, invalid, noSuch } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { created, noContent, ok } from "../http/reply.js";
import {
  addComment,
  deleteComment,
  editComment,
} from "../operations/comments.js";
import { commentShape } from "../shapes/comment-shape.js";
import type { Comment } from "../state/model.js";
import { issueOf, param, route } from "./define.js";
import { since, sorted } from "./list-filters.js";

const MAX_BODY_CHARACTERS = 65_536;

export const commentRoutes: readonly RepositoryRoute[] = [
  route("GET /issues/{issue_number}/comments", needs.readIssues, (exchange) => {
    const issue = issueOf(exchange);
    const comments = [...exchange.repository.comments.values()].filter(
      (comment) => comment.issue === issue,
    );
    return paginated(
      exchange,
      since(comments, exchange.query, updatedAt),
      show(exchange),
    );
  }),
  route("POST /issues/{issue_number}/comments", needs.comment, (exchange) => {
    const { world, repository, actor } = exchange;
    return created(
      show(exchange)(
        addComment(
          world,
          repository,
          issueOf(exchange),
          textOf(exchange),
          actor,
        ),
      ),
    );
  }),
  route("GET /issues/comments", needs.readIssues, (exchange) => {
    const { repository, query } = exchange;
    const comments = since([...repository.comments.values()], query, updatedAt);
    // `direction` counts only where `sort` is given.
    const by =
      query.get("sort") === "updated"
        ? updatedAt
        : (comment: Comment) => comment.createdAt;
    const direction = query.has("sort") ? query : new URLSearchParams();
    return paginated(
      exchange,
      sorted(comments, direction, by, query.has("sort") ? "desc" : "asc"),
      show(exchange),
    );
  }),
  route("GET /issues/comments/{comment_id}", needs.readIssues, (exchange) =>
    ok(show(exchange)(commentOf(exchange))),
  ),
  route("PATCH /issues/comments/{comment_id}", needs.comment, (exchange) => {
    const comment = commentOf(exchange);
    requireAuthorOrWriter(exchange, comment);
    editComment(
      exchange.world,
      exchange.repository,
      comment,
      textOf(exchange),
      exchange.actor,
    );
    return ok(show(exchange)(comment));
  }),
  route("DELETE /issues/comments/{comment_id}", needs.comment, (exchange) => {
    const comment = commentOf(exchange);
    requireAuthorOrWriter(exchange, comment);
    deleteComment(exchange.world, exchange.repository, comment, exchange.actor);
    return noContent();
  }),
];

export const commentOf = (exchange: RepositoryExchange): Comment =>
  exchange.repository.comments.get(Number(param(exchange, "comment_id"))) ??
  noSuch("comment");

const updatedAt = (comment: Comment) => comment.updatedAt;

const show =
  ({ world, repository }: RepositoryExchange) =>
  (comment: Comment) =>
    commentShape(world.urls, repository, comment);

function textOf({ body }: RepositoryExchange): string {
  const text = body.string("body");
  if (text.trim() === "")
    throw invalid({
      resource: "IssueComment",
      code: "missing_field",
      field: "body",
    });
  if (text.length > MAX_BODY_CHARACTERS) {
    throw invalid({
      resource: "IssueComment",
      code: "custom",
      field: "body",
      message: "body is too long (maximum is 65536 characters)",
    });
  }
  return text;
}

function requireAuthorOrWriter(
  { viewer, repository, actor }: RepositoryExchange,
  comment: Comment,
): void {
  const isInstallation =
    viewer.kind === "token" && viewer.token.installation !== undefined;
  if (
    comment.author.user === actor.user ||
    isInstallation ||
    hasRole(roleOf(actor.user, repository), "write")
  )
    return;
  throw new HttpError(403, "Must have admin rights to Repository.");
}
