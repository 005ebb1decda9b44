import type { Metrics } from "@pullwright/platform";
import type { FastifyInstance } from "fastify";

/** Counts and times the requests of this scope by their answer. */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const requests = metrics.counter({
    name: "webhook_requests_total",
    help: "Webhook requests by the status of their answer.",
    labels: ["status"],
  });
  const seconds = metrics.histogram({
    name: "webhook_request_seconds",
    help: "From the first byte of a webhook's headers to its answer.",
  });
  app.addHook("onResponse", (_request, reply, done) => {
    requests.inc({ status: reply.statusCode.toString() });
    seconds.observe(reply.elapsedTime / 1000);
    done();
  });
}
