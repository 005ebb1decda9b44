import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { signWebhook } from "@pullwright/github/webhook";
import { loadConfig } from "@pullwright/platform";
import { migrateDatabase, openRuntime, type Runtime } from "@pullwright/runtime";
import { createTestDatabase, ensureTemplateDatabase, linkTo, type TcpLink } from "@pullwright/testing";
import pg from "pg";
import { createWebhookGateway, type GatewayLimits } from "../create-webhook-gateway.js";

export const secret = "the current secret";
export const nextSecret = "the next secret";

/** A gateway that listens, on a database of its own and over a wire that can be cut. */
export interface GatewayUnderTest {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly link: TcpLink;
  readonly runtime: Runtime;
  /** Asks Postgres past the wire. */
  rows(): Promise<DeliveryRow[]>;
  close(): Promise<void>;
}

export interface DeliveryRow {
  readonly id: string;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly repository_full_name: string | null;
  readonly payload: string;
}

export async function startGateway(
  options: { readonly environment?: Record<string, string>; readonly limits?: GatewayLimits } = {},
): Promise<GatewayUnderTest> {
  await ensureTemplateDatabase("pullwright_with_queue", async (url) => {
    await migrateDatabase(loadConfig({}), url);
  });
  const database = await createTestDatabase({ template: "pullwright_with_queue" });
  const { link, url: databaseUrl } = await linkTo(database.url);
  const config = loadConfig({
    DATABASE_URL: databaseUrl,
    GITHUB_WEBHOOK_SECRET: secret,
    GITHUB_WEBHOOK_SECRET_NEXT: nextSecret,
    LOG_LEVEL: "fatal",
    ...options.environment,
  });
  const runtime = await openRuntime("webhook-gateway", config);
  const app = await createWebhookGateway(runtime, options.limits);
  await app.listen(0, "127.0.0.1");
  const past = new pg.Pool({ connectionString: database.url, max: 1 });
  past.on("error", () => undefined); // Its end does not wait for the server, which drops the database with all connections.
  return {
    app,
    url: await app.getUrl(),
    link,
    runtime,
    rows: async () => {
      const answer = await past.query<DeliveryRow>(
        "SELECT id, guid, event, action, repository_full_name, payload FROM deliveries ORDER BY received_at",
      );
      return answer.rows;
    },
    close: async () => {
      await app.close();
      await runtime.shutdown.run("the spec ends");
      await past.end();
      await link.close();
      await database.drop();
    },
  };
}

let guids = 0;

/** Sends a webhook as GitHub does, but for what is said otherwise; a header of `null` is left out. */
export async function send(
  gateway: Pick<GatewayUnderTest, "url">,
  body: string | Uint8Array,
  change: {
    readonly signWith?: string;
    readonly method?: string;
    readonly path?: string;
    readonly headers?: Readonly<Record<string, string | null>>;
  } = {},
): Promise<{ status: number; body: Record<string, unknown>; headers: Headers }> {
  guids += 1;
  const headers = {
    "content-type": "application/json",
    "user-agent": "GitHub-Hookshot/0000000",
    "x-github-event": "issues",
    "x-github-delivery": `00000000-0000-4000-8000-${guids.toString().padStart(12, "0")}`,
    "x-hub-signature-256": signWebhook(change.signWith ?? secret, body),
    ...change.headers,
  };
  const response = await fetch(gateway.url + (change.path ?? "/webhooks/github"), {
    method: change.method ?? "POST",
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] => (value === null ? [] : [[name, value]])),
    ...(change.method === "GET" || change.method === "HEAD" ? {} : { body }),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
    headers: response.headers,
  };
}
