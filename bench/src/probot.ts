import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { createNodeMiddleware, createProbot } from "probot";
import { given, POOL_SIZE, serveReady } from "./serve.js";

/** A Probot app that does what the gateway does with a webhook: store it, and add a job for it. */
const pool = new pg.Pool({
  connectionString: given("DATABASE_URL"),
  max: POOL_SIZE,
});
const queue = new Queue("pipeline-events", {
  connection: new Redis(given("REDIS_URL"), { maxRetriesPerRequest: null }),
  prefix: "probot",
});
await pool.query(
  "CREATE TABLE probot_deliveries (LIKE deliveries INCLUDING ALL)",
);
const { privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

const insert = {
  name: "insert",
  text: `INSERT INTO probot_deliveries (source, guid, event, action, repository_github_id, repository_full_name, payload, rung_at)
         VALUES ('webhook', $1, $2, $3, $4, $5, $6, now()) ON CONFLICT (guid) DO NOTHING RETURNING id`,
};

interface Payload {
  readonly action?: string;
  readonly repository?: { readonly id: number; readonly full_name: string };
}

const middleware = await createNodeMiddleware(
  (app) => {
    app.onAny(async ({ id, name, payload }) => {
      const { action, repository } = payload as Payload; // Which of the events it is, the bench knows.
      const { rows } = await pool.query<{ id: string }>({
        ...insert,
        values: [
          id,
          name,
          action ?? null,
          repository?.id ?? null,
          repository?.full_name ?? null,
          JSON.stringify(payload),
        ],
      });
      const deliveryId = rows[0]?.id ?? "";
      await queue.add(
        "delivery.received",
        { v: 1, deliveryId },
        {
          jobId: `d_${deliveryId}`,
          attempts: 1,
          removeOnComplete: true,
          removeOnFail: true,
        },
      );
    });
  },
  {
    probot: createProbot({
      overrides: {
        appId: 1,
        privateKey,
        secret: given("SECRET"),
        logLevel: "fatal",
      },
      env: {},
    }),
    webhooksPath: "/",
  },
);
const server = createServer((request, response) => {
  void middleware(request, response);
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  serveReady({ url: `http://127.0.0.1:${port}` }, () => undefined);
});
