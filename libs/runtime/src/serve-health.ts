import {
  listenOn,
  metricsAccess,
  serveServiceEndpoints,
} from "@pullwright/platform";
import { fastify } from "fastify";
import type { Runtime } from "./runtime.js";

type Host = Pick<
  Runtime,
  "config" | "health" | "logger" | "metrics" | "shutdown" | "stores"
>;

/**
 * Serves `/health`, `/health/ready` and `/metrics` on `PORT` for a service that is asked nothing else, until the process
 * ends. The service starts once the port is ours, and the process is ready once the service has started.
 */
export async function serveHealth(
  { config, health, logger, metrics, shutdown, stores }: Host,
  service: string,
  start: () => Promise<unknown>,
): Promise<{ readonly url: string }> {
  const server = fastify({ bodyLimit: 1024 });
  serveServiceEndpoints(server, {
    health,
    metrics,
    ...metricsAccess(config.http.metrics, (key) => stores.apiKeys.find(key)),
  });
  let started = false;
  health.register(service, () =>
    started ? Promise.resolve() : Promise.reject(new Error("It starts.")),
  );
  shutdown.signal.addEventListener("abort", () => health.stop());
  const url = await listenOn(
    { setting: "PORT", ...config.http },
    (port, host) => server.listen({ port, host }),
  );
  shutdown.add("health", () => server.close());
  await start();
  started = true;
  logger.info({ url }, `${service} listens`);
  return { url };
}
