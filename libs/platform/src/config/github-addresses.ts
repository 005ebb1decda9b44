/** Where the parts of one GitHub are. */
export interface GitHubAddresses {
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  /** The git and web host. */
  readonly serverUrl: string;
}

/** Derives the addresses that are not given from the REST API's. */
export function githubAddresses(
  apiUrl: string,
  given: { graphqlUrl: string | undefined; serverUrl: string | undefined },
): GitHubAddresses {
  return {
    apiUrl,
    graphqlUrl: given.graphqlUrl ?? deriveGraphql(apiUrl),
    serverUrl: given.serverUrl ?? deriveServer(apiUrl),
  };
}

/** GitHub Enterprise Server serves REST under /api/v3 and GraphQL beside it. */
function deriveGraphql(apiUrl: string): string {
  return apiUrl.endsWith("/api/v3")
    ? apiUrl.replace(/\/v3$/, "/graphql")
    : `${apiUrl}/graphql`;
}

function deriveServer(apiUrl: string): string {
  const { protocol, host } = new URL(apiUrl);
  // api.github.com, and api.TENANT.ghe.com of GitHub Enterprise Cloud.
  return `${protocol}//${host.replace(/^api\./, "")}`;
}
