import type { Access, Scope } from "@pullwright/contracts";
import { hashApiKey, type DoneBy, type Stores } from "@pullwright/persistence";
import { KnownKeys, type Config, type Logger } from "@pullwright/platform";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { ApiLimits } from "../api-parts.js";
import { ApiProblem } from "../http/api-problem.js";
import { sendProblem } from "../http/send-problem.js";
import { toProblem } from "../http/to-problem.js";
import { callerOf } from "./caller.js";
import { keyOf } from "./credentials.js";
import { whereOf, type RefusalNotes } from "./refusal-notes.js";

export interface GuardOptions {
  readonly apiKeys: Stores["apiKeys"];
  readonly refusals: RefusalNotes;
  readonly http: Pick<Config["http"], "apiDocs" | "metrics">;
  readonly limits: ApiLimits;
  readonly logger: Logger;
}

const MINUTE_MS = 60_000;
const MAX_KNOWN_KEYS = 1_000;
/** Who has shown no key that we know. */
const NOBODY = "nobody";

/**
 * Guards every address of the server, those of plugins and unknown ones included: deny by default.
 *
 * It runs before a body is read. A wrong key is answered like a missing one; keys are found by their hash, so that no
 * comparison tells how much of a key was right.
 */
export function guardRequests(
  server: FastifyInstance,
  options: GuardOptions,
): void {
  const { limits, logger, apiKeys, refusals } = options;
  const requests = server.createRateLimit({
    max: limits.requests,
    timeWindow: limits.windowMs,
    keyGenerator: ({ caller, ip }) => (caller ? `key:${caller.keyId}` : ip),
  });
  const failures = server.createRateLimit({
    max: limits.failedAttempts,
    timeWindow: MINUTE_MS,
    keyGenerator: ({ ip }) => `failed:${ip}`,
  });

  // Behind a proxy all share one address: who guesses there must not lock out those who have a key.
  const known = new Set<string>();
  const metricsKeys = new KnownKeys((key) => apiKeys.find(key));

  const authenticate = async (request: FastifyRequest) => {
    const key = keyOf(request.headers.authorization, isPage(request));
    if (key === undefined) return null;
    const hash = hashApiKey(key);
    const former = await failures(request, { increment: false });
    if (isSpent(former) && !known.has(hash)) {
      refusals.note("access.throttled", nobodyAt(request), whereOf(request));
      throw tooMany(former.ttlInSeconds);
    }
    const found = await (isMetrics(request) ? metricsKeys : apiKeys).find(key);
    if (found) {
      if (known.size >= MAX_KNOWN_KEYS) known.clear();
      known.add(hash);
      return callerOf(found, request);
    }
    known.delete(hash);
    await failures(request);
    logger.warn({ ip: request.ip, request_id: request.id }, "wrong API key");
    refusals.note("access.unauthorized", nobodyAt(request), whereOf(request));
    return null;
  };

  server.decorateRequest("caller", null);
  const admit = async (request: FastifyRequest) => {
    const scope = scopeOf(request, options.http);
    if (scope !== null) request.caller = await authenticate(request);
    const allowance = await requests(request);
    if (isSpent(allowance)) {
      const by = request.caller?.by ?? nobodyAt(request);
      refusals.note("access.throttled", by, whereOf(request));
      throw tooMany(allowance.ttlInSeconds);
    }
    if (scope === null) return;
    const { caller } = request;
    if (caller === null) throw unauthorized(isPage(request));
    if (!caller.may(scope)) {
      logger.warn(
        { actor: caller.actor, scope, request_id: request.id },
        "API key without the scope",
      );
      const details = { ...whereOf(request), scope };
      refusals.note("access.forbidden", caller.by, details);
      throw new ApiProblem("forbidden", `This needs the scope ${scope}.`);
    }
  };
  server.addHook("onRequest", async (request, reply) => {
    try {
      await admit(request);
    } catch (error) {
      // Answered here and now: plugins have error handlers of their own, which are not asked.
      const problem = toProblem(error);
      if (problem.status >= 500)
        logger.error({ err: error, request_id: request.id }, "could not admit");
      sendProblem(problem, request, reply);
    }
  });
}

function nobodyAt({ ip }: FastifyRequest): DoneBy {
  return { actor: NOBODY, source: "api", origin: ip };
}

type Allowance = Awaited<
  ReturnType<ReturnType<FastifyInstance["createRateLimit"]>>
>;

function isSpent(
  allowance: Allowance,
): allowance is Extract<Allowance, { isAllowed: false }> {
  return !allowance.isAllowed && allowance.isExceeded;
}

/** The scope that a request needs; null: none. */
function scopeOf(
  request: FastifyRequest,
  http: GuardOptions["http"],
): Scope | null {
  // An unknown address tells whoever has any key that it is unknown.
  if (request.is404) return "read";
  const access: Access = request.routeOptions.config.access ?? "admin";
  switch (access) {
    case "public":
      return null;
    case "open-metrics":
      return http.metrics === "open" ? null : "read";
    case "open-docs":
      return http.apiDocs === "open" ? null : "read";
    case "read":
    case "trigger":
    case "control":
    case "admin":
      return access;
  }
}

function isMetrics({ is404, routeOptions }: FastifyRequest): boolean {
  return !is404 && routeOptions.config.access === "open-metrics";
}

/** What people open in a browser: the documentation, the queue board, and a run, by a link in its comment; all of it only reads. */
function isPage({ method, url }: FastifyRequest): boolean {
  return (
    (method === "GET" || method === "HEAD") &&
    /^\/api\/(?:(?:docs|openapi\.json|queues)(?:[/?]|$)|workflows\/[a-z0-9]{8}(?:\?|$))/.test(
      url,
    )
  );
}

function unauthorized(isPage: boolean): ApiProblem {
  return new ApiProblem(
    "unauthorized",
    "Send a valid key as `Authorization: Bearer <key>`.",
    {
      headers: {
        "www-authenticate": isPage ? 'Basic realm="Pullwright"' : "Bearer",
      },
    },
  );
}

function tooMany(seconds: number): ApiProblem {
  const wait = Math.max(1, seconds).toString();
  return new ApiProblem("too-many-requests", `Wait ${wait} s.`, {
    headers: { "retry-after": wait },
  });
}
