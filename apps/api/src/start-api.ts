import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import type { NestFastifyApplication } from "@nestjs/platform-fastify";
import { listenOn } from "@pullwright/platform";
import { openGitHub } from "@pullwright/runtime";
import type { FastifyInstance } from "fastify";
import { ApiModule } from "./api.module.js";
import {
  defaultLimits,
  type ApiOptions,
  type ApiParts,
  type ApiRuntime,
} from "./api-parts.js";
import { openToAdmins } from "./auth/first-admin-key.js";
import { RefusalNotes } from "./auth/refusal-notes.js";
import { knownMethods } from "./http/allowed-methods.js";
import { createServer } from "./http/create-server.js";
import { ProblemFilter } from "./http/problem.filter.js";
import { DOCS_PATH, serveApiDocs } from "./operation/api-docs.js";
import { productVersion } from "./operation/product-version.js";
import { serveQueueBoard } from "./operation/queue-board.js";

/** A running API. */
export interface RunningApi {
  /** Where it listens. */
  readonly url: string;
  /** Stops listening, ends streams and answers what it was asked; the runtime stays open. */
  close(): Promise<void>;
}

/** Starts the API on the configured host and port, stores the configured admin key, and closes with the process. */
export async function startApi(
  runtime: ApiRuntime,
  options: ApiOptions = {},
): Promise<RunningApi> {
  const { config, health, logger, shutdown } = runtime;
  shutdown.signal.addEventListener("abort", () => health.stop());
  await openToAdmins(runtime);
  const app = await createApi({
    ...runtime,
    github: options.github ?? openGitHub(runtime),
    limits: { ...defaultLimits, ...options.limits },
    version: await productVersion(),
  });
  await listenOn({ setting: "PORT", ...config.http }, (port, host) =>
    app.listen(port, host),
  );
  const close = () => app.close();
  shutdown.add("api", close);
  const url = await app.getUrl();
  logger.info({ url }, "API listens");
  return { url, close };
}

/** Builds the API; it does not listen yet. */
export async function createApi(
  parts: ApiParts,
): Promise<NestFastifyApplication> {
  const { config, queues, logger } = parts;
  const refusals = new RefusalNotes(parts.stores.audit, logger);
  const adapter = await createServer(parts, refusals);
  const server = adapter.getInstance<FastifyInstance>();
  // Routes of plugins have no endpoint: the documentation follows its setting, all others are for admins.
  server.addHook("onRoute", (route) => {
    if (route.url.startsWith(DOCS_PATH))
      route.config = { ...route.config, access: "open-docs" };
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.over(parts),
    adapter,
    { logger: false, abortOnError: false, bodyParser: false },
  );
  app.useGlobalFilters(new ProblemFilter(logger, refusals));
  if (config.http.corsOrigins.length > 0) {
    app.enableCors({
      origin: [...config.http.corsOrigins],
      allowedHeaders: [
        "authorization",
        "content-type",
        "idempotency-key",
        "last-event-id",
      ],
      methods: [...knownMethods],
      maxAge: 600,
    });
  }
  if (config.http.apiDocs !== "off") await serveApiDocs(server);
  await serveQueueBoard(server, queues);
  await app.init();
  return app;
}
