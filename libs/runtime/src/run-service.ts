import {
  AppError,
  loadConfig,
  messageOf,
  redact,
  workDirFault,
  type Config,
  type ConfigNeed,
} from "@pullwright/platform";
import { openRuntime, type Runtime } from "./runtime.js";

/** The program of one service: reads the environment, opens what it needs, serves until a signal ends it. */
export async function runService(
  service: string,
  needs: readonly ConfigNeed[],
  serve: (runtime: Runtime) => Promise<unknown>,
): Promise<void> {
  await orTellWhy(service, needs, async (config) => {
    const runtime = await openRuntime(service, config);
    runtime.shutdown.listen();
    await serve(runtime);
  });
}

/** Runs a program's start; what goes wrong is told on stderr in words, and the process ends with 1. */
export async function orTellWhy(
  service: string,
  needs: readonly ConfigNeed[],
  start: (config: Config) => Promise<void>,
): Promise<void> {
  let secrets: readonly string[] = [];
  try {
    const config = loadConfig(undefined, needs);
    secrets = config.secrets;
    await start(config).catch((error: unknown) => {
      throw workDirFault(error, config);
    });
  } catch (error) {
    process.stderr.write(
      `${service} did not start. ${redact(explanation(error), secrets)}\n`,
    );
    process.exit(1);
  }
}

/** What people can mend is told in words; anything else with its stack and what lies beneath. */
function explanation(error: unknown): string {
  if (!(error instanceof Error)) return messageOf(error);
  const told =
    error instanceof AppError &&
    (error.expose || error.code === "configuration_invalid");
  const own = told ? error.message : (error.stack ?? error.message);
  return error.cause === undefined
    ? own
    : `${own}\n  Caused by: ${messageOf(error.cause)}`;
}
