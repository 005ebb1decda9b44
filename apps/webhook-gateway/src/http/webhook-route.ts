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
import { problemOf, type Refusal } from "./problem.js";
import { readBody } from "./read-body.js";
import { UploadBudget } from "./upload-budget.js";

export interface WebhookRouteOptions {
  readonly intake: WebhookIntake;
  /** The current one and, while rotating, the next. */
  readonly secrets: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** All uploads under way together. Default: 256 MB, ten of the largest. */
  readonly maxUploadBytes?: number;
}

const MAX_UPLOAD_BYTES = 256 * 1024 * 1024;

const busy: Refusal = {
  status: 503,
  detail: "Too much is being uploaded at this moment.",
  headers: { "retry-after": "5" },
};
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
  { intake, secrets, logger, metrics, maxUploadBytes }: WebhookRouteOptions,
): Promise<void> {
  const budget = new UploadBudget(maxUploadBytes ?? MAX_UPLOAD_BYTES);
  const heads = new WeakMap<FastifyRequest, WebhookHead>();

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
    const release = budget.reserve(announcedBytes(request));
    if (!release) {
      void refuse(reply, busy);
      return;
    }
    reply.raw.once("close", release); // Also when the sender goes away.
    heads.set(request, verdict.head);
    done();
  };

  const handle = async (request: FastifyRequest, reply: FastifyReply) => {
    const head = heads.get(request);
    const { body } = request;
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
      (_request: FastifyRequest, payload: IncomingMessage) =>
        readBody(payload, MAX_BODY_BYTES),
    );
    scope.setErrorHandler((error, request, reply) => {
      const isAborted = request.raw.destroyed && !request.raw.complete;
      if (!isAborted) logger.error({ err: error }, "a webhook was not handled");
      return refuse(reply, { status: 500, detail: "This is our fault." });
    });
    scope.all("/webhooks/github", { onRequest: admit }, handle);
    done();
  });
}

/** Without a length, the most that it can become. */
function announcedBytes(request: FastifyRequest): number {
  const length = Number(request.headers["content-length"]);
  return Number.isSafeInteger(length) ? length : MAX_BODY_BYTES;
}

function refuse(reply: FastifyReply, refusal: Refusal): FastifyReply {
  return reply
    .code(refusal.status)
    .headers(refusal.headers ?? {})
    .type("application/problem+json")
    .send(problemOf(refusal));
}
