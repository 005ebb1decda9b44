import type {
  Need,
  OpenRoute,
  RepositoryExchange,
  RepositoryRoute,
} from "../http/exchange.js";
import { noSuch } from "../http/http-error.js";
import { isPull, type PullIssue } from "../shapes/pull-shape.js";
import type { Issue, User } from "../state/model.js";

type Handle = RepositoryRoute["handle"];

/** Declares an endpoint of a repository: `route("GET /issues", needs.readIssues, handler)`. */
export function route(
  endpoint: `${RepositoryRoute["method"]} ${string}`,
  need: Need,
  handle: Handle,
): RepositoryRoute {
  const space = endpoint.indexOf(" ");
  return {
    kind: "repository",
    method: endpoint.slice(0, space) as RepositoryRoute["method"], // by the type of `endpoint`
    path: `/repos/{owner}/{repo}${endpoint.slice(space + 1)}`,
    need,
    handle,
  };
}

export const openRoute = (
  kind: OpenRoute["kind"],
  method: OpenRoute["method"],
  path: string,
  handle: OpenRoute["handle"],
): OpenRoute => ({
  kind,
  method,
  path,
  handle,
});

/** A part of the path; the router has matched it, so it is there. */
export const param = (
  { params }: Pick<RepositoryExchange, "params">,
  name: string,
): string => params[name] ?? "";

export const issueOf = (exchange: RepositoryExchange): Issue =>
  exchange.world.issue(
    exchange.repository,
    Number(param(exchange, "issue_number")),
  );

export function pullOf(exchange: RepositoryExchange): PullIssue {
  const number = Number(param(exchange, "pull_number"));
  const issue = exchange.world.issue(exchange.repository, number);
  return isPull(issue) ? issue : noSuch(`pull request ${number}`);
}

/** The users that a body names and that exist; GitHub leaves the others out without a word. */
export const usersNamed = (
  exchange: RepositoryExchange,
  logins: readonly string[] | undefined,
): User[] =>
  (logins ?? []).flatMap(
    (login) => exchange.world.users.get(login.toLowerCase()) ?? [],
  );

/** The commit that a path names, or 404. */
export async function commitNamed(
  exchange: RepositoryExchange,
  revision: string,
): Promise<string> {
  return (
    (await exchange.repository.git.resolve(revision)) ??
    noSuch(`commit ${revision}`)
  );
}
