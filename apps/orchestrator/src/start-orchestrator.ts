import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import type { GitHub } from "@pullwright/github";
import {
  dispatchRules,
  openGitHub,
  serveHealth,
  type Runtime,
} from "@pullwright/runtime";
import { reportQueuedPhases } from "./dispatch-metrics.js";
import type { Orchestrator, OrchestratorRuntime } from "./orchestrator.js";
import { ORCHESTRATOR, OrchestratorModule } from "./orchestrator.module.js";
import type { Timing } from "./timing.js";

const CLOSE_MS = 15_000;

/** Runs the orchestrator inside a process; it ends with the process. */
export async function startOrchestrator(
  runtime: OrchestratorRuntime & Pick<Runtime, "shutdown">,
  github: GitHub = openGitHub(runtime),
  timing?: Timing,
): Promise<Orchestrator> {
  const context = await NestFactory.createApplicationContext(
    OrchestratorModule.forRuntime(runtime, github, timing),
    { logger: false, abortOnError: false },
  );
  const orchestrator = context.get<Orchestrator>(ORCHESTRATOR);
  orchestrator.start();
  const { config, metrics, stores } = runtime;
  reportQueuedPhases(metrics, stores.dispatch, dispatchRules(config));
  const end = async () => {
    await orchestrator.stop(CLOSE_MS);
    await context.close();
  };
  runtime.shutdown.add("orchestrator", end, { deadlineMs: CLOSE_MS + 3_000 });
  return orchestrator;
}

/** Runs the orchestrator alone, with `/health`, `/health/ready` and `/metrics` on `PORT`. */
export function serveOrchestrator(
  runtime: OrchestratorRuntime & Pick<Runtime, "shutdown">,
  github?: GitHub,
  timing?: Timing,
): Promise<{ readonly url: string }> {
  return serveHealth(runtime, "orchestrator", () =>
    startOrchestrator(runtime, github, timing),
  );
}
