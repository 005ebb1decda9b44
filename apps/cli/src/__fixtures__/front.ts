import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What stands before the API, such as a proxy, and is at times not well. */
export interface Front {
  readonly url: string;
  /** What it does to a request in place of handing it on; unset: nothing. */
  ail: (path: string) => number | "reset" | undefined;
  /** Breaks all answers that are under way. */
  breakOff(): void;
  close(): Promise<void>;
}

export async function startFront(target: string): Promise<Front> {
  const underWay = new Set<ServerResponse>();
  const handOn = (incoming: IncomingMessage, response: ServerResponse) => {
    underWay.add(response.on("close", () => underWay.delete(response)));
    const outgoing = request(target + (incoming.url ?? ""), { method: incoming.method, headers: incoming.headers });
    outgoing.on("error", () => response.destroy());
    outgoing.on("response", (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    response.on("close", () => outgoing.destroy());
    incoming.pipe(outgoing);
  };
  const server = createServer((incoming, response) => {
    const ailment = front.ail(incoming.url ?? "");
    if (ailment === undefined) handOn(incoming, response);
    else if (ailment === "reset") response.destroy();
    else response.writeHead(ailment, { "content-type": "text/html" }).end("<html>Not now.</html>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // A listening TCP server.
  const front: Front = {
    url: `http://127.0.0.1:${port.toString()}`,
    ail: () => undefined,
    breakOff: () => {
      for (const response of underWay) response.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return front;
}
