import { viewerQuota } from "../http/rate-limit.js";
import type { Route } from "../http/exchange.js";
import { ok } from "../http/reply.js";
import { profileShape } from "../shapes/user-shape.js";
import { HttpError } from "../http/http-error.js";

/** The entry page, the quota, and users. */
export const metaRoutes: readonly Route[] = [
  {
    kind: "open",
    method: "GET",
    path: "/",
    handle: ({ world }) => ok(entryPage(world.urls.api)),
  },
  {
    kind: "open",
    method: "GET",
    path: "/meta",
    handle: () =>
      ok({
        verifiable_password_authentication: false,
        installed_version: "3.17.0",
      }),
  },
  {
    kind: "open",
    method: "GET",
    path: "/rate_limit",
    handle: ({ viewer, quotas }) => {
      const core = viewerQuota(quotas, viewer, "core").shape();
      const graphql = viewerQuota(quotas, viewer, "graphql").shape();
      return ok({
        resources: {
          core,
          graphql,
          search: { ...core, limit: 30, used: 0, remaining: 30 },
        },
        rate: core,
      });
    },
  },
  {
    kind: "signed_in",
    method: "GET",
    path: "/user",
    handle: ({ world, viewer }) => {
      if (viewer.kind !== "token" || viewer.token.installation)
        throw new HttpError(403, "Resource not accessible by integration");
      return ok(profileShape(world.urls, viewer.token.user));
    },
  },
  {
    kind: "open",
    method: "GET",
    path: "/users/{username}",
    handle: ({ world, params }) =>
      ok(profileShape(world.urls, world.user(params["username"] ?? ""))),
  },
];

function entryPage(api: string): Record<string, string> {
  const pages: Record<string, string> = {
    current_user_url: "/user",
    current_user_authorizations_html_url:
      "/settings/connections/applications{/client_id}",
    authorizations_url: "/authorizations",
    code_search_url: "/search/code?q={query}{&page,per_page,sort,order}",
    commit_search_url: "/search/commits?q={query}{&page,per_page,sort,order}",
    emails_url: "/user/emails",
    emojis_url: "/emojis",
    events_url: "/events",
    feeds_url: "/feeds",
    followers_url: "/user/followers",
    following_url: "/user/following{/target}",
    gists_url: "/gists{/gist_id}",
    issue_search_url: "/search/issues?q={query}{&page,per_page,sort,order}",
    issues_url: "/issues",
    keys_url: "/user/keys",
    label_search_url:
      "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    notifications_url: "/notifications",
    organization_url: "/orgs/{org}",
    organization_repositories_url:
      "/orgs/{org}/repos{?type,page,per_page,sort}",
    organization_teams_url: "/orgs/{org}/teams",
    public_gists_url: "/gists/public",
    rate_limit_url: "/rate_limit",
    repository_url: "/repos/{owner}/{repo}",
    repository_search_url:
      "/search/repositories?q={query}{&page,per_page,sort,order}",
    current_user_repositories_url: "/user/repos{?type,page,per_page,sort}",
    starred_url: "/user/starred{/owner}{/repo}",
    starred_gists_url: "/gists/starred",
    user_url: "/users/{user}",
    user_organizations_url: "/user/orgs",
    user_repositories_url: "/users/{user}/repos{?type,page,per_page,sort}",
    user_search_url: "/search/users?q={query}{&page,per_page,sort,order}",
  };
  return Object.fromEntries(
    Object.entries(pages).map(([name, path]) => [name, `${api}${path}`]),
  );
}
