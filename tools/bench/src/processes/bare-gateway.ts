import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { serveParent } from "../stage/child.js";

/** What anybody would write in an afternoon: the same check, row and job as the gateway's, and nothing else. */
const {
  DATABASE_URL = "",
  REDIS_URL = "",
  SECRET = "",
  TABLE = "",
} = process.env;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 10 });
const queue = new Queue("pipeline-events", {
  connection: new Redis(REDIS_URL, { maxRetriesPerRequest: null }),
  prefix: TABLE,
});
const insert = {
  name: "insert",
  text: `INSERT INTO ${TABLE} (source, guid, event, action, repository_github_id, repository_full_name, payload, rung_at)
         VALUES ('webhook', $1, $2, $3, $4, $5, $6, now()) ON CONFLICT (guid) DO NOTHING RETURNING id`,
};

interface Payload {
  readonly action?: string;
  readonly repository?: { readonly id: number; readonly full_name: string };
}

async function take(
  headers: Readonly<Record<string, unknown>>,
  body: Buffer,
): Promise<string | null> {
  const given = Buffer.from(
    String(headers["x-hub-signature-256"]).slice("sha256=".length),
    "hex",
  );
  const digest = createHmac("sha256", SECRET).update(body).digest();
  if (given.length !== digest.length || !timingSafeEqual(digest, given))
    return null;
  const text = body.toString("utf8");
  const { action, repository } = JSON.parse(text) as Payload; // The bench sends nothing else.
  const { rows } = await pool.query<{ id: string }>({
    ...insert,
    values: [
      headers["x-github-delivery"],
      headers["x-github-event"],
      action ?? null,
      repository?.id ?? null,
      repository?.full_name ?? null,
      text,
    ],
  });
  const deliveryId = rows[0]?.id ?? "";
  // Like the gateway it answers once the row is committed, and the job is added meanwhile.
  void queue.add(
    "delivery.received",
    { v: 1, deliveryId },
    {
      jobId: `d_${deliveryId}`,
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: true,
    },
  );
  return deliveryId;
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    take(request.headers, Buffer.concat(chunks)).then(
      (deliveryId) => {
        const answer = JSON.stringify({ status: "recorded", deliveryId });
        response.writeHead(deliveryId === null ? 401 : 202, {
          "content-type": "application/json",
          "content-length": answer.length,
        });
        response.end(answer);
      },
      (error: unknown) => {
        console.error(error);
        response.writeHead(500).end();
      },
    );
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  serveParent({ url: `http://127.0.0.1:${port.toString()}/webhooks/github` });
});
