import { randomUUID } from "node:crypto";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import { FastifyAdapter } from "@nestjs/platform-fastify";
import { fastify, type FastifyInstance } from "fastify";
import type { ApiParts } from "../api-parts.js";
import { guardRequests } from "../auth/guard-requests.js";
import type { RefusalNotes } from "../auth/refusal-notes.js";
import { answerBeforeClosing } from "./answer-before-closing.js";
import { watchRequests } from "./watch-requests.js";
import { sendProblem } from "./send-problem.js";
import { toProblem } from "./to-problem.js";

const REQUEST_TIMEOUT_MS = 30_000;
const MAX_PARAM_LENGTH = 200;

/** The HTTP server under Nest: limits, headers, the guard, the request log. */
export async function createServer(
  parts: ApiParts,
  refusals: RefusalNotes,
): Promise<FastifyAdapter> {
  const { limits } = parts;
  const server = fastify({
    bodyLimit: limits.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    genReqId: () => randomUUID(),
    requestIdHeader: false, // A caller's id could forge lines of our log.
    exposeHeadRoutes: false, // HEAD on a stream would never end.
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    forceCloseConnections: "idle",
    return503OnClosing: false, // What has come in is answered.
    frameworkErrors: (error, request, reply) =>
      sendProblem(toProblem(error), request, reply),
  });
  acceptJsonOnly(server);
  watchRequests(server, parts);
  answerBeforeClosing(server, parts.logger);
  await server.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { "default-src": ["'none'"], "frame-ancestors": ["'none'"] },
    },
    crossOriginResourcePolicy: { policy: "same-site" },
  });
  await server.register(rateLimit, { global: false });
  // Before the guard: with it comes CORS, whose preflight has no key, and whose headers a refusal needs too.
  const adapter = new FastifyAdapter(server as never); // Nest's type of the same instance, without our type provider.
  guardRequests(server, {
    apiKeys: parts.stores.apiKeys,
    refusals,
    http: parts.config.http,
    limits,
    logger: parts.logger,
  });
  return adapter;
}

/** One content type, so that no form of a foreign page is a request; an empty body is none. */
function acceptJsonOnly(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser("error", "error");
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    "application/json",
    { parseAs: "string" },
    (request, body, done) => {
      if (body === "") done(null, undefined);
      else void parse(request, body.toString(), done);
    },
  );
}
