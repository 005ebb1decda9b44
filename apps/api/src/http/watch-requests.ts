import type { FastifyInstance } from "fastify";
import type { ApiParts } from "../api-parts.js";

const MS_PER_SECOND = 1_000;

/** Logs and measures every request, one line each. */
export function watchRequests(
  server: FastifyInstance,
  { logger, metrics }: Pick<ApiParts, "logger" | "metrics">,
): void {
  const seconds = metrics.histogram({
    name: "http_request_seconds",
    help: "Time to answer a request; streams count until they end.",
    labels: ["method", "route", "status"],
  });
  server.addHook("onRequest", async (request, reply) => {
    void reply.header("x-request-id", request.id);
  });
  server.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "unknown"; // Never the address itself: it is the caller's choice.
    const { method } = request;
    const status = reply.statusCode;
    const isProbe = route.startsWith("/health") || route === "/metrics";
    seconds.observe(
      { method, route, status },
      reply.elapsedTime / MS_PER_SECOND,
    );
    logger[isProbe ? "debug" : "info"](
      {
        request_id: request.id,
        method,
        url: request.url,
        status,
        duration_ms: Math.round(reply.elapsedTime),
        actor: request.caller?.actor,
        ip: request.ip,
      },
      "request",
    );
  });
}
