import { commitShape } from "../shapes/commit-shape.js";
import { readCommit } from "../git/commits.js";
import { iso } from "../shapes/time.js";
import { statusShape } from "../shapes/status-shape.js";
import type { Actor, Repository, Status } from "../state/model.js";
import type { World } from "../state/world.js";
import { emit } from "../webhooks/emit.js";

export function addStatus(
  world: World,
  repository: Repository,
  input: Omit<Status, "id" | "creator" | "createdAt">,
  actor: Actor,
): Status {
  const status: Status = {
    ...input,
    id: world.nextId(),
    creator: actor.user,
    createdAt: world.now(),
  };
  repository.statuses.push(status);
  emit(world, repository, {
    event: "status",
    sender: actor.user,
    payload: () => payload(world, repository, status),
  });
  return status;
}

async function payload(
  world: World,
  repository: Repository,
  status: Status,
): Promise<Record<string, unknown>> {
  const {
    avatar_url,
    id,
    context,
    description,
    state,
    target_url,
    created_at,
  } = statusShape(world.urls, repository, status);
  const commit = commitShape(
    world,
    repository,
    await readCommit(repository.git, status.sha),
  );
  return {
    id,
    sha: status.sha,
    name: `${repository.owner.login}/${repository.name}`,
    avatar_url,
    target_url,
    context,
    description,
    state,
    commit,
    branches: [],
    created_at,
    updated_at: iso(status.createdAt),
  };
}
