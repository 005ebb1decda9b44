import { loadConfig } from "@pullwright/platform";
import { openRuntime } from "@pullwright/runtime";
import { startWebhookGateway } from "./create-webhook-gateway.js";

const config = loadConfig(undefined, ["webhook-secret"]);
const runtime = await openRuntime("webhook-gateway", config);
runtime.shutdown.listen();
await startWebhookGateway(runtime);
