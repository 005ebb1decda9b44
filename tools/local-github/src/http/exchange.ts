import type { Access, Actor, Repository, Role } from "../state/model.js";
import type { World } from "../state/world.js";
import type { Viewer } from "../auth/viewer.js";
import type { Quotas } from "./rate-limit.js";
import type { RequestBody } from "./request-body.js";
import type { Reply } from "./reply.js";

/** One request as a handler sees it: matched, authenticated, allowed. */
export interface Exchange {
  readonly world: World;
  readonly viewer: Viewer;
  readonly quotas: Quotas;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: RequestBody;
  /** The full URL asked for, from which `Link` headers are built. */
  readonly url: URL;
}

/** An exchange about a repository that the viewer may see. */
export interface RepositoryExchange extends Exchange {
  readonly repository: Repository;
  readonly actor: Actor;
}

/** What a route asks of its viewer. `permission` binds tokens and Apps (any one of several), `role` binds people. */
export interface Need {
  readonly permission: string | readonly string[];
  readonly access: Access;
  readonly role: Exclude<Role, "none">;
}

interface RouteOf<E extends Exchange> {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** GitHub's own template; `{issue_number}` and other numbers match digits only. */
  readonly path: string;
  readonly handle: (exchange: E) => Promise<Reply> | Reply;
}

export interface RepositoryRoute extends RouteOf<RepositoryExchange> {
  readonly kind: "repository";
  readonly need: Need;
}

export interface OpenRoute extends RouteOf<Exchange> {
  /** `open`: anyone; `signed_in`: any good token; `app`: a JSON web token; `installation`: an installation's token. */
  readonly kind: "open" | "signed_in" | "app" | "installation";
}

export type Route = RepositoryRoute | OpenRoute;
