import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { batchFrame } from "../live/batch.js";
import { serveParent } from "../stage/child.js";

/** The floor: open responses, and one buffer that is written to all of them; batches that come together go together. */
const responses = new Set<ServerResponse>();
let pending: Buffer[] = [];

function writeAll(): void {
  const shared = Buffer.concat(pending);
  pending = [];
  for (const response of responses) response.write(shared);
}
const server = createServer((_request, response) => {
  response.useChunkedEncodingByDefault = false;
  response.writeHead(200, {
    "content-type": "text/event-stream",
    connection: "close",
  });
  response.flushHeaders();
  response.socket?.setNoDelay(true);
  responses.add(response);
  response.once("close", () => responses.delete(response));
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  serveParent(
    { url: `http://127.0.0.1:${port.toString()}` },
    ({ batch }: { batch: number }) => {
      if (pending.length === 0) setImmediate(writeAll);
      pending.push(batchFrame(batch));
      return Promise.resolve(null);
    },
  );
});
