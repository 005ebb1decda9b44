export {
  createWebhookGateway,
  startWebhookGateway,
  type GatewayLimits,
} from "./create-webhook-gateway.js";
export { nodeFlags } from "./node-flags.js";
export {
  WebhookGatewayModule,
  type GatewayRuntime,
} from "./webhook-gateway.module.js";
