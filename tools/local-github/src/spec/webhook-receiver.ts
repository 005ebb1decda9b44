import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  readonly event: string;
  readonly guid: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly payload: Record<string, unknown>;
  readonly isSigned: boolean;
}

/** Every payload is an object, in JSON; a form has it as its one field. */
function payloadOf(
  headers: http.IncomingHttpHeaders,
  body: string,
): Record<string, unknown> {
  const isForm =
    headers["content-type"] === "application/x-www-form-urlencoded";
  const text = isForm ? new URLSearchParams(body).get("payload") : body;
  return JSON.parse(text ?? "") as Record<string, unknown>; // as said above
}

/** Receives webhooks over HTTP as a product would. */
export async function startReceiver(secret: string) {
  const received: Received[] = [];
  const state = { status: 202 };
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks);
      const expected = `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
      const given = String(request.headers["x-hub-signature-256"]);
      received.push({
        event: String(request.headers["x-github-event"]),
        guid: String(request.headers["x-github-delivery"]),
        headers: request.headers,
        payload: payloadOf(request.headers, body.toString("utf8")),
        isSigned:
          given.length === expected.length &&
          timingSafeEqual(Buffer.from(given), Buffer.from(expected)),
      });
      response.writeHead(state.status).end("heard");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    url: `http://127.0.0.1:${port}/webhooks`,
    received,
    state,
    names: () =>
      received.map(({ event, payload: { action } }) =>
        typeof action === "string" ? `${event}.${action}` : event,
      ),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
