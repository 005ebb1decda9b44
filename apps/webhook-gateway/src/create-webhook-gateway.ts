import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import {
  FastifyAdapter,
  type NestFastifyApplication,
} from "@nestjs/platform-fastify";
import {
  HealthRegistry,
  listenOn,
  metricsAccess,
  serveServiceEndpoints,
} from "@pullwright/platform";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { refuse } from "./http/problem.js";
import {
  refusalOf,
  StrayRequestsFilter,
} from "./http/stray-requests.filter.js";
import { UploadBudget, type UploadLimits } from "./http/upload-budget.js";
import { serveWebhooks } from "./http/webhook-route.js";
import { WebhookIntake } from "./intake/webhook-intake.js";
import {
  WebhookGatewayModule,
  type GatewayRuntime,
} from "./webhook-gateway.module.js";

const SECOND_MS = 1000;

/** What tests turn down. */
export interface GatewayLimits extends UploadLimits {
  /** From the first byte of a request to the last. GitHub itself gives up after ten seconds. */
  readonly requestTimeoutMs?: number;
  /** From the connection's first byte to the end of the headers. */
  readonly headersTimeoutMs?: number;
}

/** Builds the gateway; it does not listen yet. */
export async function createWebhookGateway(
  runtime: GatewayRuntime,
  limits: GatewayLimits = {},
): Promise<NestFastifyApplication> {
  const { config, logger, metrics } = runtime;
  const requestTimeoutMs = limits.requestTimeoutMs ?? 30 * SECOND_MS;
  const adapter = new FastifyAdapter({
    bodyLimit: 16 * 1024, // Nothing but the webhook route takes a body.
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: 72 * SECOND_MS, // Longer than a load balancer's minute.
    forceCloseConnections: "idle",
    http: {
      headersTimeout: limits.headersTimeoutMs ?? 10 * SECOND_MS,
      connectionsCheckingInterval: Math.min(
        SECOND_MS,
        Math.ceil(requestTimeoutMs / 4),
      ),
    },
    // An address that is not well-formed comes to no route and no filter.
    frameworkErrors: (
      error: unknown,
      request: FastifyRequest,
      reply: FastifyReply,
    ) => void refuse(reply, refusalOf(error, request)),
    skipMiddie: true, // No Express middleware here, and it costs.
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    WebhookGatewayModule.forRuntime(runtime),
    adapter,
    { logger: false, bodyParser: false },
  );
  app.useGlobalFilters(new StrayRequestsFilter(logger));
  const fastify = adapter.getInstance<FastifyInstance>();
  const intake = app.get(WebhookIntake);
  const health = gatewayHealth(runtime);
  serveServiceEndpoints(fastify, {
    health,
    metrics,
    ...metricsAccess(config.http.metrics, (key) =>
      runtime.stores.apiKeys.find(key),
    ),
  });
  await serveWebhooks(fastify, {
    intake,
    secrets: config.github.webhookSecrets,
    logger,
    metrics,
    uploads: new UploadBudget(limits),
  });
  await app.init();
  return app;
}

/** Builds the gateway, listens on `WEBHOOK_PORT` and closes with the process. Returns its address. */
export async function startWebhookGateway(
  runtime: GatewayRuntime,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const app = await createWebhookGateway(runtime);
  const { host, webhookPort } = runtime.config.http;
  await listenOn(
    { setting: "WEBHOOK_PORT", port: webhookPort, host },
    (...address) => app.listen(...address),
  );
  const close = async () => {
    await app.close();
    await app.get(WebhookIntake).drain();
  };
  runtime.shutdown.add("webhook-gateway", close);
  const url = await app.getUrl();
  runtime.logger.info({ url }, "webhook gateway listens");
  return { url, close };
}

/** Only Postgres: without the queue the gateway accepts all the same, and what it could not ring is found later. */
function gatewayHealth({ database, shutdown }: GatewayRuntime): HealthRegistry {
  const health = new HealthRegistry();
  health.register("postgres", () => database.pool.query("SELECT 1"));
  shutdown.signal.addEventListener("abort", () => health.stop());
  return health;
}
