import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import {
  FastifyAdapter,
  type NestFastifyApplication,
} from "@nestjs/platform-fastify";
import { metricsAccess, serveServiceEndpoints } from "@pullwright/platform";
import type { Runtime } from "@pullwright/runtime";
import type { FastifyInstance } from "fastify";
import { AgentRunnerModule } from "./agent-runner.module.js";
import { Runner } from "./runner.js";

/** Runs a runner inside a process that has its own HTTP server; it ends with the process. */
export async function startAgentRunner(runtime: Runtime): Promise<Runner> {
  const context = await NestFactory.createApplicationContext(
    AgentRunnerModule.forRuntime(runtime),
    {
      logger: false,
      abortOnError: false,
    },
  );
  return begin(runtime, context.get(Runner), () => context.close());
}

/** Runs a runner alone, with `/health`, `/health/ready` and `/metrics` on `PORT`. */
export async function serveAgentRunner(
  runtime: Runtime,
): Promise<{ readonly url: string }> {
  const { config, health, metrics, shutdown, stores } = runtime;
  const adapter = new FastifyAdapter({ bodyLimit: 1024, skipMiddie: true });
  const app = await NestFactory.create<NestFastifyApplication>(
    AgentRunnerModule.forRuntime(runtime),
    adapter,
    {
      logger: false,
      bodyParser: false,
      abortOnError: false,
    },
  );
  serveServiceEndpoints(adapter.getInstance<FastifyInstance>(), {
    health,
    metrics,
    ...metricsAccess(config.http.metrics, (key) => stores.apiKeys.find(key)),
  });
  shutdown.signal.addEventListener("abort", () => health.stop());
  await app.listen(config.http.port, config.http.host);
  begin(runtime, app.get(Runner), () => app.close());
  const url = await app.getUrl();
  runtime.logger.info({ url }, "agent runner listens");
  return { url };
}

function begin(
  { shutdown }: Runtime,
  runner: Runner,
  close: () => Promise<void>,
): Runner {
  runner.start();
  shutdown.add(
    "agent-runner",
    async () => {
      await runner.stop();
      await close();
    },
    { deadlineMs: runner.longestStopMs },
  );
  return runner;
}
