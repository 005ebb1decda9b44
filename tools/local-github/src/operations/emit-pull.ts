import { fullPullShape, type PullIssue } from "../shapes/pull-shape.js";
import type { Actor, Repository } from "../state/model.js";
import type { World } from "../state/world.js";
import { emit } from "../webhooks/emit.js";
import { pullDetail } from "./pull-detail.js";

/** Tells the hooks what happened to a pull request, as it was at this moment. */
export function emitPull(
  world: World,
  repository: Repository,
  issue: PullIssue,
  action: string,
  actor: Actor,
  detail: Readonly<Record<string, unknown>> = {},
): void {
  // The counts of commits and files take git a moment, in which the pull request may move on.
  const now: PullIssue = { ...issue, pull: { ...issue.pull } };
  const payload = async () => ({
    number: now.number,
    pull_request: fullPullShape(
      world.urls,
      repository,
      now,
      await pullDetail(repository, now),
    ),
    ...detail,
  });
  emit(world, repository, {
    event: "pull_request",
    action,
    sender: actor.user,
    payload,
  });
}
