import { startAgentRunner } from "@pullwright/agent-runner";
import { ensureFirstAdminKey, startApi } from "@pullwright/api";
import { startOrchestrator } from "@pullwright/orchestrator";
import type { Config } from "@pullwright/platform";
import { startPoller } from "@pullwright/poller";
import {
  begin,
  openGitHub,
  openRuntime,
  prepareDatabase,
  type Beginning,
  type Runtime,
} from "@pullwright/runtime";
import { startWebhookGateway } from "@pullwright/webhook-gateway";

/** Where the services of one process answer. */
export interface Addresses {
  readonly apiUrl: string;
  /** Null without a webhook secret: then only the poller finds what happens on GitHub. */
  readonly webhookUrl: string | null;
  /** Where the API key is kept; undefined when the environment names it. */
  readonly keyFile: string | undefined;
}

export interface Started {
  readonly runtime: Runtime;
  readonly addresses: Addresses;
}

const SERVICE = "pullwright";

/**
 * Starts every service in this process, on a database of its own where the environment names none.
 *
 * A start that fails closes all that it opened before it throws.
 */
export async function startAll(
  config: Config,
  /** Called before anything is open that a signal should close. */
  begun: (beginning: Beginning) => void = () => undefined,
): Promise<Started> {
  const beginning = begin(SERVICE, config);
  begun(beginning);
  try {
    return await startOn(beginning, config);
  } catch (error) {
    await beginning.shutdown.run("the start failed");
    throw error;
  }
}

async function startOn(beginning: Beginning, config: Config): Promise<Started> {
  const { shutdown } = beginning;
  const url = await prepareDatabase(config, shutdown, (message) =>
    process.stderr.write(`${message}\n`),
  );
  const runtime = await openRuntime(SERVICE, config, url, beginning);
  const { health, stores } = runtime;
  shutdown.signal.addEventListener("abort", () => health.stop());
  let started = false;
  health.register("services", () =>
    started ? Promise.resolve() : Promise.reject(new Error("They start.")),
  );
  const github = openGitHub(runtime);
  const keyFile = await ensureFirstAdminKey(stores, config, config.workDir);
  // Both ports are ours before any work begins.
  const gateway =
    config.github.webhookSecrets.length === 0
      ? null
      : await startWebhookGateway(runtime);
  const api = await startApi(runtime, { github });
  await startOrchestrator(runtime, github);
  await startAgentRunner(runtime);
  await startPoller(runtime, github);
  started = true;
  shutdown.signal.throwIfAborted();
  return {
    runtime,
    addresses: { apiUrl: api.url, webhookUrl: gateway?.url ?? null, keyFile },
  };
}
