import { undecodable } from "../auth/app-jwt.js";
import type { Exchange, Route } from "../http/exchange.js";
import { noSuch } from "../http/http-error.js";
import { paginated } from "../http/pagination.js";
import { accepted, ok } from "../http/reply.js";
import { createInstallationToken } from "../operations/apps.js";
import { appShape, installationShape } from "../shapes/app-shape.js";
import { fullDeliveryShape, hookConfigShape } from "../shapes/hook-shape.js";
import { repositoryShape } from "../shapes/repository-shape.js";
import { iso } from "../shapes/time.js";
import { fullName } from "../state/full-name.js";
import type { App, Hook, Installation, Repository } from "../state/model.js";
import { openRoute } from "./define.js";
import { deliveries, deliveryOf } from "./hook-routes.js";

/** What an App does as itself, by its JSON web token, and what only its installations may ask. */
export const appRoutes: readonly Route[] = [
  openRoute("app", "GET", "/app", (exchange) => {
    const app = appOf(exchange);
    return ok({
      ...appShape(exchange.world.urls, app),
      installations_count: installations(exchange, app).length,
    });
  }),
  openRoute("app", "GET", "/app/installations", (exchange) =>
    paginated(exchange, installations(exchange, appOf(exchange)), (one) =>
      installationShape(exchange.world.urls, one),
    ),
  ),
  openRoute("app", "GET", "/app/installations/{installation_id}", (exchange) =>
    ok(installationShape(exchange.world.urls, installationOf(exchange))),
  ),
  openRoute(
    "app",
    "POST",
    "/app/installations/{installation_id}/access_tokens",
    createToken,
  ),
  openRoute("app", "GET", "/app/hook/config", (exchange) =>
    ok(hookConfigShape(hookOf(exchange))),
  ),
  openRoute("app", "GET", "/app/hook/deliveries", (exchange) =>
    deliveries(exchange, hookOf(exchange)),
  ),
  openRoute("app", "GET", "/app/hook/deliveries/{delivery_id}", (exchange) => {
    const hook = hookOf(exchange);
    return ok(
      fullDeliveryShape(
        hook,
        deliveryOf(hook, exchange.params["delivery_id"] ?? ""),
      ),
    );
  }),
  openRoute(
    "app",
    "POST",
    "/app/hook/deliveries/{delivery_id}/attempts",
    (exchange) => {
      const hook = hookOf(exchange);
      exchange.world.webhooks.redeliver(
        hook,
        deliveryOf(hook, exchange.params["delivery_id"] ?? ""),
      );
      return accepted();
    },
  ),
  openRoute("app", "GET", "/repos/{owner}/{repo}/installation", (exchange) => {
    const { world, params } = exchange;
    const repository = world.repository(
      `${params["owner"] ?? ""}/${params["repo"] ?? ""}`,
    );
    const installation =
      world.installationOf(appOf(exchange), repository) ??
      noSuch("installation");
    return ok(installationShape(world.urls, installation));
  }),
  openRoute("installation", "GET", "/installation/repositories", (exchange) => {
    const { viewer, world } = exchange;
    const token =
      viewer.kind === "token" ? viewer.token : noSuch("installation");
    const repositories = [...(token.installation?.repositories ?? [])].filter(
      (repository) =>
        token.repositories?.has(fullName(repository).toLowerCase()),
    );
    return paginated(
      exchange,
      repositories,
      (repository) => repositoryShape(world.urls, repository),
      (page) => ({
        total_count: repositories.length,
        repository_selection: "selected",
        repositories: page,
      }),
    );
  }),
];

function createToken(exchange: Exchange) {
  const { world, body } = exchange;
  const installation = installationOf(exchange);
  const names = body.strings("repositories");
  const ids = body.has("repository_ids")
    ? (body
        .entries()
        .find(([name]) => name === "repository_ids")?.[1] as unknown[])
    : undefined;
  const unknown = {} as Repository; // covered by no installation, so that a name that is not there is refused as GitHub does
  const byName = names?.map(
    (name) =>
      [...installation.repositories].find(
        (one) => one.name.toLowerCase() === name.toLowerCase(),
      ) ?? unknown,
  );
  const byId = ids?.map(
    (id) =>
      [...installation.repositories].find((one) => one.id === id) ?? unknown,
  );
  const permissions = body.object("permissions");
  const token = createInstallationToken(world, installation, {
    ...(byName || byId
      ? { repositories: [...(byName ?? []), ...(byId ?? [])] }
      : {}),
    ...(permissions
      ? {
          permissions: Object.fromEntries(
            permissions.entries().map(([name, value]) => [name, String(value)]),
          ),
        }
      : {}),
  });
  const repositories = [...installation.repositories].filter((one) =>
    token.repositories?.has(fullName(one).toLowerCase()),
  );
  return {
    status: 201,
    body: {
      token: token.value,
      expires_at: iso(token.expiresAt ?? new Date(0)),
      permissions: token.permissions,
      repository_selection: "selected",
      ...(byName || byId
        ? {
            repositories: repositories.map((one) =>
              repositoryShape(world.urls, one),
            ),
          }
        : {}),
    },
  };
}

function appOf({ viewer }: Exchange): App {
  if (viewer.kind !== "app") throw undecodable();
  return viewer.app;
}

const installations = ({ world }: Exchange, app: App): Installation[] =>
  [...world.installations.values()].filter(
    (installation) => installation.app === app,
  );

const installationOf = (exchange: Exchange): Installation =>
  installations(exchange, appOf(exchange)).find(
    (one) => String(one.id) === exchange.params["installation_id"],
  ) ?? noSuch("installation");

const hookOf = (exchange: Exchange): Hook =>
  appOf(exchange).hook ?? noSuch("webhook of the App");
