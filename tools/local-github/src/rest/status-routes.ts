import type { RepositoryRoute } from "../http/exchange.js";
import { HttpError } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { created, ok } from "../http/reply.js";
import { addStatus } from "../operations/statuses.js";
import { combinedStatusShape, statusShape } from "../shapes/status-shape.js";
import { commitNamed, param, route } from "./define.js";

const STATES = ["error", "failure", "pending", "success"] as const;
const MAX_DESCRIPTION_CHARACTERS = 140;

export const statusRoutes: readonly RepositoryRoute[] = [
  route("GET /commits/{ref}/status", needs.readStatuses, async (exchange) => {
    const sha = await commitNamed(exchange, param(exchange, "ref"));
    return ok(
      combinedStatusShape(exchange.world.urls, exchange.repository, sha),
    );
  }),
  route("GET /commits/{ref}/statuses", needs.readStatuses, async (exchange) => {
    const { world, repository } = exchange;
    const sha = await commitNamed(exchange, param(exchange, "ref"));
    const newestFirst = repository.statuses
      .filter((status) => status.sha === sha)
      .reverse();
    return paginated(exchange, newestFirst, (status) =>
      statusShape(world.urls, repository, status),
    );
  }),
  route("POST /statuses/{sha}", needs.writeStatuses, async (exchange) => {
    const { world, repository, actor, body } = exchange;
    const sha = await repository.git.resolve(param(exchange, "sha"));
    if (sha === undefined)
      throw new HttpError(
        422,
        `No commit found for SHA: ${param(exchange, "sha")}`,
      );
    const state = body.choice("state", STATES);
    if (state === undefined)
      throw new HttpError(422, 'Invalid request.\n\n"state" wasn\'t supplied.');
    const description = body.optionalString("description") ?? null;
    if (
      description !== null &&
      description.length > MAX_DESCRIPTION_CHARACTERS
    ) {
      throw new HttpError(422, "Validation Failed", {
        errors: [
          {
            resource: "Status",
            code: "custom",
            field: "description",
            message: "description is too long (maximum is 140 characters)",
          },
        ],
      });
    }
    const input = {
      sha,
      state,
      description,
      context: body.optionalString("context") ?? "default",
      targetUrl: body.optionalString("target_url") ?? null,
    };
    return created(
      statusShape(
        world.urls,
        repository,
        addStatus(world, repository, input, actor),
      ),
    );
  }),
];
