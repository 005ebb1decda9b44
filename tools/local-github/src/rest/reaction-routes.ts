import type { RepositoryExchange, RepositoryRoute } from "../http/exchange.js";
import { HttpError } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { REACTIONS, reactionShape } from "../shapes/reactions-shape.js";
import type { Reaction } from "../state/model.js";
import { commentOf } from "./comment-routes.js";
import { issueOf, route } from "./define.js";

export const reactionRoutes: readonly RepositoryRoute[] = [
  route(
    "GET /issues/comments/{comment_id}/reactions",
    needs.readIssues,
    (exchange) =>
      paginated(exchange, commentOf(exchange).reactions, (reaction) =>
        reactionShape(exchange.world.urls, reaction),
      ),
  ),
  route(
    "POST /issues/comments/{comment_id}/reactions",
    needs.comment,
    (exchange) => react(exchange, commentOf(exchange).reactions),
  ),
  route("POST /issues/{issue_number}/reactions", needs.comment, (exchange) =>
    react(exchange, issueOf(exchange).reactions),
  ),
];

/** A second reaction of the same kind by the same user is the first one, with 200 for 201. */
function react(
  { world, actor, body }: RepositoryExchange,
  reactions: Reaction[],
) {
  const content = body.choice("content", REACTIONS);
  if (content === undefined)
    throw new HttpError(422, 'Invalid request.\n\n"content" wasn\'t supplied.');
  const existing = reactions.find(
    (reaction) => reaction.user === actor.user && reaction.content === content,
  );
  if (existing !== undefined)
    return { status: 200, body: reactionShape(world.urls, existing) };
  const reaction: Reaction = {
    id: world.nextId(),
    user: actor.user,
    content,
    createdAt: world.now(),
  };
  reactions.push(reaction);
  return { status: 201, body: reactionShape(world.urls, reaction) };
}
