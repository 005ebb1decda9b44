import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HealthRegistry } from "../health/health-registry.js";
import type { Metrics } from "../metrics/metrics.js";

export interface ServiceEndpointsOptions {
  readonly health: HealthRegistry;
  readonly metrics: Metrics;
  /** Whether this request may read the metrics; asked each time, and throws when nobody can say. Unset: all may. */
  readonly mayReadMetrics?: (request: FastifyRequest) => Promise<boolean>;
}

/** Serves `/health` (the process runs), `/health/ready` (all it needs works) and `/metrics`, which every service has. */
export function serveServiceEndpoints(
  app: FastifyInstance,
  { health, metrics, mayReadMetrics }: ServiceEndpointsOptions,
): void {
  const mayRead = (request: FastifyRequest) =>
    mayReadMetrics?.(request).catch(() => undefined) ?? true;

  app.get("/health", () => health.live());

  app.get("/health/ready", async (_request, reply) => {
    const report = await health.ready();
    return reply.code(report.status === "ok" ? 200 : 503).send(report);
  });

  app.get("/metrics", async (request, reply) => {
    switch (await mayRead(request)) {
      case true: {
        const { contentType, body } = await metrics.render();
        return reply.type(contentType).send(body);
      }
      case false:
        return refuse(reply.header("www-authenticate", "Bearer"), unauthorized);
      case undefined:
        return refuse(reply.header("retry-after", "5"), unavailable);
    }
  });
}

const unauthorized = { title: "Unauthorized", status: 401 };
const unavailable = {
  title: "Service Unavailable",
  status: 503,
  detail: "Whether the key is good cannot be asked now.",
};

function refuse(
  reply: FastifyReply,
  problem: typeof unauthorized | typeof unavailable,
): FastifyReply {
  return reply
    .code(problem.status)
    .type("application/problem+json")
    .send({ type: "about:blank", ...problem });
}

/** The key of an `Authorization: Bearer` header. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer +([!-~]{1,4096})$/i.exec(
    request.headers.authorization ?? "",
  )?.[1];
}
