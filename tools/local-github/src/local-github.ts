import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { apps } from "./admin/apps.js";
import { issues } from "./admin/issues.js";
import { people } from "./admin/people.js";
import { pulls } from "./admin/pulls.js";
import { repositories } from "./admin/repositories.js";
import { webhooks } from "./admin/webhooks.js";
import type { Faults } from "./http/faults.js";
import type { JournalEntry } from "./http/journal.js";
import { Quotas } from "./http/rate-limit.js";
import { GithubServer } from "./http/server.js";
import { urlsOf } from "./state/urls.js";
import { World } from "./state/world.js";

export interface LocalGitHubOptions {
  /** Where the bare repositories go. */
  readonly dataDir: string;
  /** Unset: a free one. */
  readonly port?: number;
  /** 127.0.0.1 when unset. */
  readonly host?: string;
  /** How long a receiver of webhooks may take; GitHub's ten seconds when unset. */
  readonly webhookDeliveryTimeoutMs?: number;
  /** Requests an hour for each user and installation; GitHub's 5,000 when unset. */
  readonly rateLimit?: number;
  /** How many requests the journal keeps; 20,000 when unset. */
  readonly journalLimit?: number;
}

/** A running local GitHub, with what a person does on the real one's pages. */
export type LocalGitHub = Awaited<ReturnType<typeof startLocalGitHub>>;

/** Starts a GitHub of one's own: REST, GraphQL, git and webhooks over real repositories. Only these outlive it. */
export async function startLocalGitHub(options: LocalGitHubOptions) {
  await mkdir(options.dataDir, { recursive: true });
  const server = new GithubServer(
    new Quotas(options.rateLimit ?? 5_000),
    options.journalLimit ?? 20_000,
  );
  const host = options.host ?? "127.0.0.1";
  server.http.listen(options.port ?? 0, host);
  await once(server.http, "listening");
  const { port } = server.http.address() as AddressInfo; // it listens on TCP
  // The addresses in every answer need the port, so the world begins when the server listens.
  const world = new World(
    urlsOf(`http://${host}:${port}`),
    options.dataDir,
    options.webhookDeliveryTimeoutMs ?? 10_000,
  );
  server.serve(world);

  return {
    /** The server for pages and git. */
    url: world.urls.server,
    /** The root of the REST API, as on GitHub Enterprise Server. */
    apiUrl: world.urls.api,
    graphqlUrl: world.urls.graphql,

    ...people(world),
    ...apps(world),
    ...repositories(world),
    ...issues(world),
    ...pulls(world),
    ...webhooks(world),

    faults: server.faults as Pick<Faults, "add" | "clear">, // which fault strikes is the server's to ask

    /** The latest requests, oldest first: REST, GraphQL and git. */
    requests(): JournalEntry[] {
      return server.journal.entries();
    },

    clearRequests(): void {
      server.journal.clear();
    },

    /** Resolves when everything that has happened is told and every delivery under way has ended. */
    async settled(): Promise<void> {
      await world.emissions.settled();
      await world.webhooks.settled();
    },

    async close(): Promise<void> {
      await server.stop();
      await world.webhooks.stop();
      await world.emissions.stop();
    },
  };
}
