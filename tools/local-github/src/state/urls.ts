import type { Repository, User } from "./model.js";

/** Where things are found: `html_url`s and git under `server`, the API as on GitHub Enterprise Server. */
export interface Urls {
  readonly server: string;
  readonly api: string;
  readonly graphql: string;
}

export function urlsOf(server: string): Urls {
  return { server, api: `${server}/api/v3`, graphql: `${server}/api/graphql` };
}

export const repositoryUrl = (urls: Urls, repository: Repository): string =>
  `${urls.api}/repos/${repository.owner.login}/${repository.name}`;

export const repositoryPage = (urls: Urls, repository: Repository): string =>
  `${urls.server}/${repository.owner.login}/${repository.name}`;

export const userUrl = (urls: Urls, user: User): string =>
  `${urls.api}/users/${encodeURIComponent(user.login)}`;
