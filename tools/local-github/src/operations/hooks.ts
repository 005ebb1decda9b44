import { hookShape } from "../shapes/hook-shape.js";
import { repositoryShape } from "../shapes/repository-shape.js";
import { userShape } from "../shapes/user-shape.js";
import type { Actor, Hook, Repository } from "../state/model.js";
import type { World } from "../state/world.js";
import { dispatch } from "../webhooks/emit.js";

export interface HookInput {
  readonly url: string;
  readonly secret: string | null;
  readonly contentType: Hook["contentType"];
  readonly events: readonly string[];
  readonly active?: boolean;
}

/** Adds a webhook to a repository and pings it, as GitHub does at once. */
export function createHook(
  world: World,
  repository: Repository,
  input: HookInput,
  actor: Actor,
): Hook {
  const now = world.now();
  const hook: Hook = {
    id: world.nextId(),
    target: { type: "repository", repository },
    active: true,
    ...input,
    createdAt: now,
    updatedAt: now,
    deliveries: [],
  };
  repository.hooks.set(hook.id, hook);
  ping(world, hook, repository, actor);
  return hook;
}

export function ping(
  world: World,
  hook: Hook,
  repository: Repository,
  actor: Actor,
): void {
  const payload = {
    zen: "Approachable is better than simple.",
    hook_id: hook.id,
    hook: hookShape(world.urls, hook),
    repository: repositoryShape(world.urls, repository),
    sender: userShape(world.urls, actor.user),
  };
  world.emissions.add(() =>
    dispatch(world, hook, "ping", null, payload, repository),
  );
}
