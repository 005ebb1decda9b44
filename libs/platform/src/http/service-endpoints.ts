import type { FastifyInstance, FastifyRequest } from "fastify";
import type { HealthRegistry } from "../health/health-registry.js";
import type { Metrics } from "../metrics/metrics.js";

export interface ServiceEndpointsOptions {
  readonly health: HealthRegistry;
  readonly metrics: Metrics;
  /** Whether this request may read the metrics; asked each time. Unset: all may. */
  readonly mayReadMetrics?: (request: FastifyRequest) => Promise<boolean>;
}

/** Serves `/health` (the process runs), `/health/ready` (all it needs works) and `/metrics`, which every service has. */
export function serveServiceEndpoints(
  app: FastifyInstance,
  { health, metrics, mayReadMetrics }: ServiceEndpointsOptions,
): void {
  app.get("/health", () => health.live());

  app.get("/health/ready", async (_request, reply) => {
    const report = await health.ready();
    return reply.code(report.status === "ok" ? 200 : 503).send(report);
  });

  app.get("/metrics", async (request, reply) => {
    if (mayReadMetrics && !(await mayReadMetrics(request)))
      return reply
        .code(401)
        .header("www-authenticate", "Bearer")
        .type("application/problem+json")
        .send({ type: "about:blank", title: "Unauthorized", status: 401 });
    const { contentType, body } = await metrics.render();
    return reply.type(contentType).send(body);
  });
}

/** The key of an `Authorization: Bearer` header. */
export function bearerOf(request: FastifyRequest): string | undefined {
  return /^Bearer +([\w.~+/=-]{1,4096})$/i.exec(
    request.headers.authorization ?? "",
  )?.[1];
}
