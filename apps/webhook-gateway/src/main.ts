import { runService } from "@pullwright/runtime";
import { startWebhookGateway } from "./create-webhook-gateway.js";

await runService("webhook-gateway", ["webhook-secret"], startWebhookGateway);
