import { issueShape } from "../shapes/issue-shape.js";
import { isPull } from "../shapes/pull-shape.js";
import type { Actor, Issue, Repository } from "../state/model.js";
import type { World } from "../state/world.js";
import { emit } from "../webhooks/emit.js";
import { emitPull } from "./emit-pull.js";

/** Tells the hooks what happened to an issue, as `issues` or, for a pull request, as `pull_request`. */
export function emitIssue(
  world: World,
  repository: Repository,
  issue: Issue,
  action: string,
  actor: Actor,
  detail: Readonly<Record<string, unknown>> = {},
): void {
  if (isPull(issue)) {
    emitPull(world, repository, issue, action, actor, detail);
    return;
  }
  const payload = {
    issue: issueShape(world.urls, repository, issue),
    ...detail,
  };
  emit(world, repository, {
    event: "issues",
    action,
    sender: actor.user,
    payload,
  });
}
