import type { User } from "../state/model.js";
import { userUrl, type Urls } from "../state/urls.js";
import { nodeId } from "./node-id.js";
import { iso } from "./time.js";

export function userShape(urls: Urls, user: User) {
  const url = userUrl(urls, user);
  return {
    login: user.login,
    id: user.id,
    node_id: nodeId("user", user.id),
    avatar_url: `${urls.server}/avatars/u/${user.id}?v=4`,
    gravatar_id: "",
    url,
    html_url:
      user.type === "Bot"
        ? `${urls.server}/apps/${user.login.replace("[bot]", "")}`
        : `${urls.server}/${user.login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: user.type,
    site_admin: false,
    user_view_type: "public",
  };
}

export const userOrNull = (urls: Urls, user: User | null | undefined) =>
  user ? userShape(urls, user) : null;

/** A user's own page, which `/user` and `/users/{login}` give. */
export function profileShape(urls: Urls, user: User) {
  return {
    ...userShape(urls, user),
    name: user.name,
    company: null,
    blog: "",
    location: null,
    email: user.type === "Bot" ? null : user.email, // GitHub's bots show none.
    hireable: null,
    bio: null,
    twitter_username: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: iso(user.createdAt),
    updated_at: iso(user.createdAt),
  };
}
