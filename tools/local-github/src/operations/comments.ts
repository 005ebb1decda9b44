import { commentShape } from "../shapes/comment-shape.js";
import { issueShape } from "../shapes/issue-shape.js";
import type { Actor, Comment, Issue, Repository } from "../state/model.js";
import type { World } from "../state/world.js";
import { emit } from "../webhooks/emit.js";
import { recordMentions } from "./issue-events.js";

export function addComment(
  world: World,
  repository: Repository,
  issue: Issue,
  body: string,
  actor: Actor,
): Comment {
  const now = world.now();
  const comment: Comment = {
    id: world.nextId(),
    issue,
    author: actor,
    body,
    createdAt: now,
    updatedAt: now,
    reactions: [],
  };
  repository.comments.set(comment.id, comment);
  issue.updatedAt = now;
  recordMentions(world, repository, issue, actor, body);
  tell(world, repository, comment, "created", actor);
  return comment;
}

export function editComment(
  world: World,
  repository: Repository,
  comment: Comment,
  body: string,
  actor: Actor,
): void {
  const from = comment.body;
  if (from === body) return;
  comment.body = body;
  comment.updatedAt = world.now();
  comment.issue.updatedAt = comment.updatedAt;
  tell(world, repository, comment, "edited", actor, {
    changes: { body: { from } },
  });
}

export function deleteComment(
  world: World,
  repository: Repository,
  comment: Comment,
  actor: Actor,
): void {
  repository.comments.delete(comment.id);
  comment.issue.updatedAt = world.now();
  tell(world, repository, comment, "deleted", actor);
}

function tell(
  world: World,
  repository: Repository,
  comment: Comment,
  action: string,
  actor: Actor,
  detail: Readonly<Record<string, unknown>> = {},
): void {
  const payload = {
    issue: issueShape(world.urls, repository, comment.issue),
    comment: commentShape(world.urls, repository, comment),
    ...detail,
  };
  emit(world, repository, {
    event: "issue_comment",
    action,
    sender: actor.user,
    payload,
  });
}
