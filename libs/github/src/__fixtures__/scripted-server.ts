import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  readonly atMs: number;
}

export type Handler = (
  request: SeenRequest,
  response: ServerResponse,
) => void | Promise<void>;

/** A server that answers as a spec tells it, for answers that no well-behaved GitHub gives. */
export interface ScriptedServer {
  readonly url: string;
  readonly seen: SeenRequest[];
  handle: Handler;
  close(): Promise<void>;
}

export async function startScriptedServer(): Promise<ScriptedServer> {
  const seen: SeenRequest[] = [];
  const scripted: ScriptedServer = {
    url: "",
    seen,
    handle: (_request, response) => json(response, 404, { message: "Not Found" }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  const server = createServer((request, response) => {
    void record(request).then((entry) => {
      seen.push(entry);
      return scripted.handle(entry, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // A listening TCP server.
  return Object.assign(scripted, { url: `http://127.0.0.1:${port.toString()}` });
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

async function record(request: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString("utf8");
  return {
    method: request.method ?? "",
    url: request.url ?? "",
    headers: request.headers,
    body: text === "" ? undefined : (JSON.parse(text) as unknown),
    atMs: Date.now(),
  };
}
