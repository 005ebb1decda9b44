import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import {
  FastifyAdapter,
  type NestFastifyApplication,
} from "@nestjs/platform-fastify";
import type { GitHub } from "@pullwright/github";
import { metricsAccess, serveServiceEndpoints } from "@pullwright/platform";
import { openGitHub, type Runtime } from "@pullwright/runtime";
import type { FastifyInstance } from "fastify";
import { PollerModule } from "./poller.module.js";
import { Poller, type PollerRuntime } from "./poller.js";

/** A poll under way may wait for GitHub's answers of several pages. */
const CLOSE_MS = 15_000;

/** Runs the poller inside a process that has its own HTTP server; it ends with the process. */
export async function startPoller(
  runtime: PollerRuntime & Pick<Runtime, "shutdown">,
  github: GitHub = openGitHub(runtime),
): Promise<Poller> {
  const context = await NestFactory.createApplicationContext(
    PollerModule.forRuntime(runtime, github),
    { logger: false },
  );
  return begin(runtime, context.get(Poller), () => context.close());
}

/** Runs the poller alone, with `/health`, `/health/ready` and `/metrics` on `PORT`. */
export async function servePoller(
  runtime: PollerRuntime & Pick<Runtime, "shutdown" | "health">,
  github: GitHub = openGitHub(runtime),
): Promise<{ readonly url: string }> {
  const { config, health, metrics, shutdown, stores } = runtime;
  const adapter = new FastifyAdapter({ bodyLimit: 1024, skipMiddie: true });
  const app = await NestFactory.create<NestFastifyApplication>(
    PollerModule.forRuntime(runtime, github),
    adapter,
    { logger: false, bodyParser: false },
  );
  serveServiceEndpoints(adapter.getInstance<FastifyInstance>(), {
    health,
    metrics,
    ...metricsAccess(config.http.metrics, (key) => stores.apiKeys.find(key)),
  });
  shutdown.signal.addEventListener("abort", () => health.stop());
  await app.listen(config.http.port, config.http.host);
  begin(runtime, app.get(Poller), () => app.close());
  const url = await app.getUrl();
  runtime.logger.info({ url }, "poller listens");
  return { url };
}

function begin(
  { shutdown }: Pick<Runtime, "shutdown">,
  poller: Poller,
  close: () => Promise<void>,
): Poller {
  poller.start();
  const end = async () => {
    await poller.stop();
    await close();
  };
  shutdown.add("poller", end, { deadlineMs: CLOSE_MS });
  return poller;
}
