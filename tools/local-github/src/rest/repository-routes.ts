import { roleOf } from "../auth/authorize.js";
import type { RepositoryRoute } from "../http/exchange.js";
import { noSuch } from "../http/http-error.js";
import { needs } from "../http/need.js";
import { paginated } from "../http/pagination.js";
import { noContent, ok } from "../http/reply.js";
import {
  fullRepositoryShape,
  permissionsShape,
} from "../shapes/repository-shape.js";
import { userShape } from "../shapes/user-shape.js";
import type { Role } from "../state/model.js";
import { param, route } from "./define.js";

/** The five roles as the four that GitHub had before triage and maintain. */
const LEGACY: Record<Role, string> = {
  none: "none",
  read: "read",
  triage: "read",
  write: "write",
  maintain: "write",
  admin: "admin",
};

export const repositoryRoutes: readonly RepositoryRoute[] = [
  route("GET ", needs.metadata, ({ world, repository, actor }) =>
    ok(
      fullRepositoryShape(
        world.urls,
        repository,
        roleOf(actor.user, repository),
      ),
    ),
  ),
  route("GET /collaborators", needs.seeCollaborators, (exchange) => {
    const { world, repository } = exchange;
    const people = [repository.owner, ...repository.collaborators.keys()];
    return paginated(exchange, people, (user) => {
      const role = roleOf(user, repository);
      return {
        ...userShape(world.urls, user),
        permissions: permissionsShape(role),
        role_name: role,
      };
    });
  }),
  route("GET /collaborators/{username}", needs.seeCollaborators, (exchange) => {
    const user = exchange.world.user(param(exchange, "username"));
    const isCollaborator =
      user === exchange.repository.owner ||
      exchange.repository.collaborators.has(user);
    return isCollaborator ? noContent() : noSuch(`collaborator ${user.login}`);
  }),
  route(
    "GET /collaborators/{username}/permission",
    needs.seeCollaborators,
    (exchange) => {
      const { world, repository } = exchange;
      const user = world.user(param(exchange, "username"));
      const role = roleOf(user, repository);
      return ok({
        permission: LEGACY[role],
        role_name: role,
        user: {
          ...userShape(world.urls, user),
          permissions: permissionsShape(role),
          role_name: role,
        },
      });
    },
  ),
  route("GET /assignees", needs.readIssues, (exchange) => {
    const people = [
      exchange.repository.owner,
      ...exchange.repository.collaborators.keys(),
    ];
    return paginated(exchange, people, (user) =>
      userShape(exchange.world.urls, user),
    );
  }),
];
