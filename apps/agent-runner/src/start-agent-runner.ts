import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import { serveHealth, type Runtime } from "@pullwright/runtime";
import { AgentRunnerModule } from "./agent-runner.module.js";
import { Runner } from "./runner.js";

/** Runs a runner inside a process; it ends with the process. */
export async function startAgentRunner(runtime: Runtime): Promise<Runner> {
  const context = await NestFactory.createApplicationContext(
    AgentRunnerModule.forRuntime(runtime),
    { logger: false, abortOnError: false },
  );
  const runner = context.get(Runner);
  runner.start();
  const end = async () => {
    await runner.stop();
    await context.close();
  };
  runtime.shutdown.add("agent-runner", end, {
    deadlineMs: runner.longestStopMs,
  });
  return runner;
}

/** Runs a runner alone, with `/health`, `/health/ready` and `/metrics` on `PORT`. */
export function serveAgentRunner(
  runtime: Runtime,
): Promise<{ readonly url: string }> {
  return serveHealth(runtime, "agent-runner", () => startAgentRunner(runtime));
}
