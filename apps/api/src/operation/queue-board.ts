import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { FastifyAdapter } from "@bull-board/fastify";
import type { Queues } from "@pullwright/queue";
import type { FastifyInstance } from "fastify";
import { toProblem } from "../http/to-problem.js";

export const BOARD_PATH = "/api/queues";

/** The board's own scripts and styles, nothing else. */
const CONTENT_POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; object-src 'none'; base-uri 'self'; frame-ancestors 'none'";

/** Serves Bull Board over all queues. It only shows: what is rung or retried is decided in Postgres. */
export async function serveQueueBoard(
  server: FastifyInstance,
  queues: Pick<Queues, "bullBoardQueues">,
): Promise<void> {
  const adapter = new FastifyAdapter();
  adapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues
      .bullBoardQueues()
      .map((queue) => new BullMQAdapter(queue, { readOnlyMode: true })),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: "Pullwright queues" } },
  });
  // What the board itself shows of an error holds stacks.
  adapter.setErrorHandler((error) => ({
    status: 500,
    body: { error: toProblem(error).message },
  }));
  await server.register(
    async (scope) => {
      scope.addHook("onSend", async (_request, reply) => {
        void reply.header("content-security-policy", CONTENT_POLICY);
      });
      await scope.register(adapter.registerPlugin());
    },
    { prefix: BOARD_PATH },
  );
}
