import { startAgentRunner } from "@pullwright/agent-runner";
import { ensureFirstAdminKey, startApi } from "@pullwright/api";
import { startOrchestrator } from "@pullwright/orchestrator";
import type { Config } from "@pullwright/platform";
import { startPoller } from "@pullwright/poller";
import {
  openGitHub,
  openRuntime,
  prepareDatabase,
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

/** Starts every service in this process, on a database of its own where the environment names none. */
export async function startAll(
  config: Config,
  opened: (runtime: Runtime) => void = () => undefined,
): Promise<{ readonly runtime: Runtime; readonly addresses: Addresses }> {
  const { url, embedded } = await prepareDatabase(config, (message) =>
    process.stderr.write(`${message}\n`),
  );
  let runtime: Runtime;
  try {
    runtime = await openRuntime("pullwright", config, url, async () =>
      embedded?.stop(),
    );
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  opened(runtime);
  const { shutdown, health } = runtime;
  shutdown.signal.addEventListener("abort", () => health.stop());
  const github = openGitHub(runtime);
  const keyFile = await ensureFirstAdminKey(
    runtime.stores,
    config,
    config.workDir,
  );
  await startOrchestrator(runtime, github);
  await startAgentRunner(runtime);
  await startPoller(runtime, github);
  const gateway =
    config.github.webhookSecrets.length === 0
      ? null
      : await startWebhookGateway(runtime);
  const api = await startApi(runtime, { github });
  return {
    runtime,
    addresses: { apiUrl: api.url, webhookUrl: gateway?.url ?? null, keyFile },
  };
}
