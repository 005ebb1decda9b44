import { noSuch } from "../http/http-error.js";
import { createHook, type HookInput } from "../operations/hooks.js";
import { fullDeliveryShape, hookShape } from "../shapes/hook-shape.js";
import type { Hook } from "../state/model.js";
import type { World } from "../state/world.js";
import type { DeliveryRule } from "../webhooks/delivery-rules.js";

/** Webhooks, their logs, and what to do to deliveries. */
export const webhooks = (world: World) => ({
  /** Adds a webhook to a repository (JSON, all events unless named); it is pinged at once. */
  createWebhook(
    repo: string,
    input: Partial<HookInput> & { readonly url: string },
  ) {
    const repository = world.repository(repo);
    const hook = createHook(
      world,
      repository,
      { secret: null, contentType: "json", events: ["*"], ...input },
      { user: repository.owner },
    );
    return hookShape(world.urls, hook);
  },

  /** A hook's log, oldest first, with requests and answers. */
  deliveries(hookId: number) {
    const hook = findHook(world, hookId);
    return hook.deliveries.map((delivery) => fullDeliveryShape(hook, delivery));
  },

  redeliver(hookId: number, deliveryId: number): void {
    const hook = findHook(world, hookId);
    const delivery =
      hook.deliveries.find((candidate) => candidate.id === deliveryId) ??
      noSuch("delivery");
    world.webhooks.redeliver(hook, delivery);
  },

  webhooks: {
    /** Drops, loses, doubles, delays, reorders or holds the deliveries that match. */
    control(rule: DeliveryRule): void {
      world.webhooks.rules.add(rule);
    },

    /** Ends all control; what is held stays so until `release`. */
    clear(): void {
      world.webhooks.rules.clear();
    },

    /** Sends what a `hold` rule has kept. */
    release(order?: "as_emitted" | "reversed"): void {
      world.webhooks.release(order);
    },
  },
});

function findHook(world: World, id: number): Hook {
  for (const repository of world.repositories.values()) {
    const hook = repository.hooks.get(id);
    if (hook !== undefined) return hook;
  }
  return (
    [...world.apps.values()].find((app) => app.hook?.id === id)?.hook ??
    noSuch("webhook")
  );
}
