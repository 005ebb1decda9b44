import type { ServerResponse } from "node:http";
import { Server as NetServer, type Socket } from "node:net";
import { sleep, type Logger } from "@pullwright/platform";
import type { FastifyInstance } from "fastify";

/** Below the ten seconds that a shutdown gives each of its steps. */
const LAST_ANSWERS_MS = 8_000;
const POLL_MS = 20;

/**
 * Has a server that closes stop listening, answer what it was asked, and only then cut its connections; all of them when the
 * time is over. Streams have no end of their own: whoever holds them ends them before.
 */
export function answerBeforeClosing(
  server: FastifyInstance,
  logger: Pick<Logger, "warn">,
  deadlineMs = LAST_ANSWERS_MS,
): void {
  // By connection: of requests that were sent in a row over one that breaks, those that wait for their turn never hear of it.
  const answers = new Map<Socket, Set<ServerResponse>>();
  let isClosing = false;

  server.addHook("onRequest", (request, { raw }, done) => {
    const { socket } = request.raw;
    const own = answers.get(socket) ?? new Set();
    if (!answers.has(socket)) {
      answers.set(socket, own);
      socket.once("close", () => answers.delete(socket));
    }
    own.add(raw);
    raw.once("close", () => own.delete(raw));
    done();
  });
  server.addHook("onSend", (_request, reply, _payload, done) => {
    if (isClosing) void reply.header("connection", "close");
    done();
  });
  server.addHook("preClose", async () => {
    isClosing = true;
    // Not the `close` of HTTP servers: it destroys connections whose answer is written but not yet sent.
    NetServer.prototype.close.call(server.server);
    const giveUpAt = performance.now() + deadlineMs;
    const open = () =>
      [...answers.values()].reduce((sum, { size }) => sum + size, 0);
    while (open() > 0 && performance.now() < giveUpAt) await sleep(POLL_MS);
    if (open() > 0)
      logger.warn({ requests: open() }, "closed before all was answered");
    server.server.closeAllConnections();
  });
}
