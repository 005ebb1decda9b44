import { loadConfig } from "@pullwright/platform";
import { openRuntime } from "@pullwright/runtime";
import { startWebhookGateway } from "@pullwright/webhook-gateway";
import { serveParent } from "../stage/child.js";

/** The product's gateway, alone in its process as in a deployment. */
const runtime = await openRuntime("bench-gateway", loadConfig());
const { url } = await startWebhookGateway(runtime);
serveParent({ url: `${url}/webhooks/github` });
