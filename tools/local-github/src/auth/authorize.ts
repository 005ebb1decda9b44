import { HttpError, noSuch } from "../http/http-error.js";
import type { Need } from "../http/exchange.js";
import { fullName } from "../state/full-name.js";
import type {
  Access,
  Actor,
  Installation,
  Permissions,
  Repository,
  Role,
  User,
} from "../state/model.js";
import { scopesReach } from "./scopes.js";
import type { Viewer } from "./viewer.js";

const ROLES: readonly Role[] = [
  "none",
  "read",
  "triage",
  "write",
  "maintain",
  "admin",
];
const ACCESSES: readonly Access[] = ["read", "write", "admin"];

/** What a person may do in a repository: the owner everything, a collaborator their role, anyone read when it is public. */
export function roleOf(user: User, repository: Repository): Role {
  if (user === repository.owner) return "admin";
  return (
    repository.collaborators.get(user) ??
    (repository.isPrivate ? "none" : "read")
  );
}

export const hasRole = (role: Role, wanted: Role): boolean =>
  ROLES.indexOf(role) >= ROLES.indexOf(wanted);

/** 404 when the viewer may not even see the repository: GitHub does not tell what is private. */
export function requireVisible(viewer: Viewer, repository: Repository): void {
  if (!mayPull(viewer, repository))
    noSuch(`repository ${fullName(repository)}, for this viewer`);
}

/** Whether the viewer may read a repository, over the API or by git. */
export function mayPull(viewer: Viewer, repository: Repository): boolean {
  if (viewer.kind !== "token") return !repository.isPrivate;
  const { installation, repositories, scopes, user } = viewer.token;
  if (!repository.isPrivate) return true;
  if (scopes !== undefined && !scopes.includes("repo")) return false;
  if (
    repositories !== undefined &&
    !repositories.has(fullName(repository).toLowerCase())
  )
    return false;
  return installation === undefined
    ? hasRole(roleOf(user, repository), "read")
    : covers(installation, repository);
}

/** Whether the viewer may push to a repository by git. */
export function mayPush(viewer: Viewer, repository: Repository): boolean {
  try {
    requireNeed(viewer, repository, {
      permission: "contents",
      access: "write",
      role: "write",
    });
    return true;
  } catch {
    return false;
  }
}

/** Who acts, when the viewer may do what a route needs; otherwise GitHub's 401, 403 or 404. */
export function requireNeed(
  viewer: Viewer,
  repository: Repository,
  need: Need,
): Actor {
  if (viewer.kind === "app")
    throw new HttpError(403, "Resource not accessible by integration");
  if (viewer.kind === "anonymous") {
    if (need.access === "read" && need.role === "read")
      return { user: anonymous };
    throw new HttpError(401, "Requires authentication");
  }
  const { installation, permissions, repositories, scopes, user } =
    viewer.token;
  // What a classic token may not do is not there for it.
  if (scopes !== undefined && !scopesReach(scopes, repository, need))
    throw new HttpError(404, "Not Found");
  const isReadOfPublic =
    need.access === "read" && need.role === "read" && !repository.isPrivate;
  if (permissions !== undefined && !isReadOfPublic) {
    const outOfReach =
      repositories !== undefined &&
      !repositories.has(fullName(repository).toLowerCase());
    const uninstalled =
      installation !== undefined && !covers(installation, repository);
    if (outOfReach || uninstalled || !grants(permissions, need)) {
      throw notAccessible(
        installation === undefined ? "personal access token" : "integration",
        need,
      );
    }
  }
  if (
    installation === undefined &&
    !hasRole(roleOf(user, repository), need.role)
  )
    throw lackingRole(need);
  return viewer.actor;
}

/** Stands for "nobody" where reading a public repository needs no actor; nothing is ever recorded under it. */
const anonymous: User = {
  id: 0,
  login: "ghost",
  type: "User",
  name: "",
  email: "",
  createdAt: new Date(0),
};

const covers = (installation: Installation, repository: Repository) =>
  installation.repositories.has(repository);

function grants(permissions: Permissions, need: Need): boolean {
  return permissionNames(need).some((name) => {
    const granted = name === "metadata" ? "read" : permissions[name];
    return (
      granted !== undefined &&
      ACCESSES.indexOf(granted) >= ACCESSES.indexOf(need.access)
    );
  });
}

const permissionNames = (need: Need): readonly string[] =>
  typeof need.permission === "string" ? [need.permission] : need.permission;

function notAccessible(by: string, need: Need): HttpError {
  const accepted = permissionNames(need).map(
    (name) => `${name}=${need.access}`,
  );
  return new HttpError(403, `Resource not accessible by ${by}`, {
    headers: { "x-accepted-github-permissions": accepted.join("; ") },
  });
}

function lackingRole(need: Need): HttpError {
  // Hooks are hidden from those who may not manage them.
  if (need.role === "admin") return new HttpError(404, "Not Found");
  return new HttpError(
    403,
    need.access === "read"
      ? "Must have push access to view repository collaborators."
      : "Must have push access to Repository.",
  );
}
