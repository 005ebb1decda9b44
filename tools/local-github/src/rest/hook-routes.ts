import type {
  Exchange,
  RepositoryExchange,
  RepositoryRoute,
} from "../http/exchange.js";
import { HttpError, invalid, noSuch } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { accepted, created, noContent, ok, type Reply } from "../http/reply.js";
import { createHook, ping } from "../operations/hooks.js";
import {
  deliveryShape,
  fullDeliveryShape,
  hookShape,
} from "../shapes/hook-shape.js";
import type { Delivery, Hook } from "../state/model.js";
import { param, route } from "./define.js";

const MAX_PER_PAGE = 100;
const CONTENT_TYPES = ["json", "form"] as const;

export const hookRoutes: readonly RepositoryRoute[] = [
  route("GET /hooks", needs.readHooks, (exchange) =>
    paginated(exchange, [...exchange.repository.hooks.values()], (hook) =>
      hookShape(exchange.world.urls, hook),
    ),
  ),
  route("POST /hooks", needs.writeHooks, (exchange) => {
    const { world, repository, actor, body } = exchange;
    const config = body.object("config");
    const url = config?.optionalString("url");
    if (url === undefined)
      throw invalid({
        resource: "Hook",
        code: "missing_field",
        field: "config.url",
      });
    if ([...repository.hooks.values()].some((hook) => hook.url === url)) {
      throw invalid({
        resource: "Hook",
        code: "custom",
        message: "Hook already exists on this repository",
      });
    }
    const secret = config?.optionalString("secret") ?? null;
    const input = {
      url,
      secret,
      contentType: config?.choice("content_type", CONTENT_TYPES) ?? "form",
      events: body.strings("events") ?? ["push"],
      active: body.boolean("active", true),
    };
    return created(
      hookShape(world.urls, createHook(world, repository, input, actor)),
    );
  }),
  route("GET /hooks/{hook_id}", needs.readHooks, (exchange) =>
    ok(hookShape(exchange.world.urls, hookOf(exchange))),
  ),
  route("PATCH /hooks/{hook_id}", needs.writeHooks, (exchange) => {
    const hook = hookOf(exchange);
    const { body } = exchange;
    const config = body.object("config");
    hook.url = config?.optionalString("url") ?? hook.url;
    hook.secret = config?.optionalString("secret") ?? hook.secret;
    hook.contentType =
      config?.choice("content_type", CONTENT_TYPES) ?? hook.contentType;
    const added = hook.events.concat(body.strings("add_events") ?? []);
    const removed = new Set(body.strings("remove_events") ?? []);
    hook.events =
      body.strings("events") ??
      [...new Set(added)].filter((event) => !removed.has(event));
    hook.active = body.boolean("active", hook.active);
    hook.updatedAt = exchange.world.now();
    return ok(hookShape(exchange.world.urls, hook));
  }),
  route("DELETE /hooks/{hook_id}", needs.writeHooks, (exchange) => {
    exchange.repository.hooks.delete(hookOf(exchange).id);
    return noContent();
  }),
  route("POST /hooks/{hook_id}/pings", needs.writeHooks, (exchange) => {
    ping(exchange.world, hookOf(exchange), exchange.repository, exchange.actor);
    return noContent();
  }),
  route("GET /hooks/{hook_id}/deliveries", needs.readHooks, (exchange) =>
    deliveries(exchange, hookOf(exchange)),
  ),
  route(
    "GET /hooks/{hook_id}/deliveries/{delivery_id}",
    needs.readHooks,
    (exchange) => {
      const hook = hookOf(exchange);
      return ok(
        fullDeliveryShape(
          hook,
          deliveryOf(hook, param(exchange, "delivery_id")),
        ),
      );
    },
  ),
  route(
    "POST /hooks/{hook_id}/deliveries/{delivery_id}/attempts",
    needs.writeHooks,
    (exchange) => {
      const hook = hookOf(exchange);
      exchange.world.webhooks.redeliver(
        hook,
        deliveryOf(hook, param(exchange, "delivery_id")),
      );
      return accepted();
    },
  ),
];

const hookOf = (exchange: RepositoryExchange): Hook =>
  exchange.repository.hooks.get(Number(param(exchange, "hook_id"))) ??
  noSuch("hook");

export const deliveryOf = (hook: Hook, id: string): Delivery =>
  hook.deliveries.find((delivery) => delivery.id === Number(id)) ??
  noSuch(`delivery ${id}`);

/** A hook's log, newest first. It pages by cursor, not by number: the cursor is the id to continue below. */
export function deliveries(
  { query, url }: Pick<Exchange, "query" | "url">,
  hook: Hook,
): Reply {
  if (query.has("page"))
    throw new HttpError(400, "This endpoint pages by `cursor`.");
  const perPage = Math.min(Number(query.get("per_page")) || 30, MAX_PER_PAGE);
  const cursor = query.get("cursor");
  const below =
    cursor === null
      ? Number.POSITIVE_INFINITY
      : Number(/^v1_(\d+)$/.exec(cursor)?.[1] ?? badCursor());
  const rest = hook.deliveries
    .filter((delivery) => delivery.id < below)
    .sort((a, b) => b.id - a.id);
  const page = rest.slice(0, perPage);
  const reply = ok(page.map(deliveryShape));
  if (rest.length <= perPage) return reply;
  const next = new URL(url);
  next.searchParams.set("cursor", `v1_${page.at(-1)?.id ?? 0}`);
  return { ...reply, headers: { link: `<${next.href}>; rel="next"` } };
}

function badCursor(): never {
  throw new HttpError(400, "Invalid cursor.");
}
