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
import type { Orchestrator, OrchestratorRuntime } from "./orchestrator.js";
import { ORCHESTRATOR, OrchestratorModule } from "./orchestrator.module.js";
import type { Timing } from "./timing.js";

const CLOSE_MS = 15_000;

/** Runs the orchestrator inside a process that has its own HTTP server; it ends with the process. */
export async function startOrchestrator(
  runtime: OrchestratorRuntime & Pick<Runtime, "shutdown">,
  github: GitHub = openGitHub(runtime),
): Promise<Orchestrator> {
  const context = await NestFactory.createApplicationContext(
    OrchestratorModule.forRuntime(runtime, github),
    { logger: false },
  );
  return begin(runtime, context.get<Orchestrator>(ORCHESTRATOR), () =>
    context.close(),
  );
}

/** Runs the orchestrator alone, with `/health`, `/health/ready` and `/metrics` on `PORT`. */
export async function serveOrchestrator(
  runtime: OrchestratorRuntime & Pick<Runtime, "shutdown">,
  github: GitHub = openGitHub(runtime),
  timing?: Timing,
): Promise<{ readonly url: string }> {
  const { config, health, metrics, shutdown, stores } = runtime;
  const adapter = new FastifyAdapter({ skipMiddie: true });
  const app = await NestFactory.create<NestFastifyApplication>(
    OrchestratorModule.forRuntime(runtime, github, timing),
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
  begin(runtime, app.get<Orchestrator>(ORCHESTRATOR), () => app.close());
  const url = await app.getUrl();
  runtime.logger.info({ url }, "orchestrator listens");
  return { url };
}

function begin(
  { shutdown }: Pick<Runtime, "shutdown">,
  orchestrator: Orchestrator,
  close: () => Promise<void>,
): Orchestrator {
  orchestrator.start();
  shutdown.add(
    "orchestrator",
    async () => {
      await orchestrator.stop(CLOSE_MS);
      await close();
    },
    { deadlineMs: CLOSE_MS + 3_000 },
  );
  return orchestrator;
}
