import "reflect-metadata";
import { NestFactory } from "@nestjs/core";
import type { GitHub } from "@pullwright/github";
import { openGitHub, serveHealth, type Runtime } from "@pullwright/runtime";
import { PollerModule } from "./poller.module.js";
import { Poller, type PollerRuntime } from "./poller.js";
import type { PollerTiming } from "./timing.js";

/** A poll under way may wait for GitHub's answers of several pages. */
const CLOSE_MS = 15_000;

/** Runs the poller inside a process; it ends with the process. */
export async function startPoller(
  runtime: PollerRuntime & Pick<Runtime, "shutdown">,
  github: GitHub = openGitHub(runtime),
  timing?: PollerTiming,
): Promise<Poller> {
  const context = await NestFactory.createApplicationContext(
    PollerModule.forRuntime(runtime, github, timing),
    { logger: false, abortOnError: false },
  );
  const poller = context.get(Poller);
  const end = async () => {
    await poller.stop();
    await context.close();
  };
  runtime.shutdown.add("poller", end, { deadlineMs: CLOSE_MS });
  await poller.start();
  return poller;
}

/** Runs the poller alone, with `/health`, `/health/ready` and `/metrics` on `PORT`. */
export function servePoller(
  runtime: PollerRuntime & Pick<Runtime, "shutdown" | "health">,
  github?: GitHub,
  timing?: PollerTiming,
): Promise<{ readonly url: string }> {
  return serveHealth(runtime, "poller", () =>
    startPoller(runtime, github, timing),
  );
}
