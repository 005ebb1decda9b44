import { verifySignature } from "@pullwright/github/webhook";
import type { Logger, Metrics } from "@pullwright/platform";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IncomingMessage } from "node:http";
import type { WebhookIntake } from "../intake/webhook-intake.js";
import {
  checkHead,
  MAX_BODY_BYTES,
  tooLarge,
  unsigned,
  type WebhookHead,
} from "./check-head.js";
import { measureRequests } from "./measure-requests.js";
import { parsePayload } from "./parse-payload.js";
import { refuse, type Refusal } from "./problem.js";
import { readBody } from "./read-body.js";
import type { Upload, UploadBudget } from "./upload-budget.js";

/** With a slash at its end it is a route of its own: to look past slashes would cost every request. */
export const WEBHOOK_PATHS = ["/webhooks/github", "/webhooks/github/"] as const;

export interface WebhookRouteOptions {
  readonly intake: WebhookIntake;
  /** The current one and, while rotating, the next. */
  readonly secrets: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly uploads: UploadBudget;
}

/** A request that was let in. */
interface Admitted {
  readonly head: WebhookHead;
  readonly upload: Upload;
}

const busy: Refusal = {
  status: 503,
  detail: "Too much is being uploaded at this moment.",
  headers: { "retry-after": "5" },
};
/** Whoever still sends then is cut off. */
const HEARS_WITHIN_MS = 1_000;
const away: Refusal = {
  status: 503,
  detail: "The delivery cannot be recorded now.",
  headers: { "retry-after": "10" },
};

/**
 * Serves `POST /webhooks/github`: size → method → content type → headers → signature → parse → record → ring → 202.
 *
 * A plain Fastify route, as this is the one path where speed counts: Nest's own handling takes a fifth of it.
 */
export async function serveWebhooks(
  app: FastifyInstance,
  { intake, secrets, logger, metrics, uploads }: WebhookRouteOptions,
): Promise<void> {
  const admitted = new WeakMap<FastifyRequest, Admitted>();

  const admit = (
    request: FastifyRequest,
    reply: FastifyReply,
    done: () => void,
  ): void => {
    const verdict = checkHead(request.method, request.headers);
    if (verdict.kind === "refused") {
      void refuse(reply, verdict.refusal);
      return;
    }
    const upload = uploads.begin();
    if (!upload) {
      void refuseBusy(request, reply);
      return;
    }
    reply.raw.once("close", () => upload.end()); // Also when the sender goes away.
    admitted.set(request, { head: verdict.head, upload });
    done();
  };

  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const head = admitted.get(request)?.head;
    const { body } = request;
    if (body === "crowded_out") return refuseBusy(request, reply);
    if (!head || !(body instanceof Uint8Array)) return refuse(reply, tooLarge);
    if (verifySignature(secrets, body, head.signature) !== "valid")
      return refuse(reply, unsigned);
    const parsed = parsePayload(body);
    if (!parsed)
      return refuse(reply, {
        status: 400,
        detail: "The payload is not a JSON object in UTF-8.",
      });
    const outcome = await intake.take({ ...head, ...parsed });
    if (outcome.kind === "unavailable") return refuse(reply, away);
    return reply
      .code(outcome.kind === "recorded" ? 202 : 200)
      .type("application/json")
      .send(`{"status":"${outcome.kind}","delivery_id":"${outcome.id}"}`);
  };

  await app.register((scope, _options, done) => {
    // Bodies of this route are bytes, of any size up to GitHub's limit; everywhere else Fastify's small limit holds.
    scope.removeAllContentTypeParsers();
    measureRequests(scope, metrics);
    scope.addContentTypeParser(
      "*",
      async (request: FastifyRequest, payload: IncomingMessage) => {
        const upload = admitted.get(request)?.upload;
        return upload && readBody(payload, MAX_BODY_BYTES, upload);
      },
    );
    scope.setErrorHandler((error, request, reply) => {
      const isAborted = request.raw.destroyed && !request.raw.complete;
      if (!isAborted) logger.error({ err: error }, "a webhook was not handled");
      return refuse(reply, { status: 500, detail: "This is our fault." });
    });
    for (const path of WEBHOOK_PATHS)
      scope.all(path, { onRequest: admit }, handle);
    done();
  });
}

/** The room is given back at once, the connection's own memory soon: closing it now would lose the answer. */
function refuseBusy(
  { raw: request }: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  setTimeout(() => {
    if (!request.complete) request.socket.destroy();
  }, HEARS_WITHIN_MS).unref();
  return refuse(reply, busy);
}
