import { nodeFlags } from "@pullwright/webhook-gateway";
import { startChild, type Child } from "./child.js";
import type { Stage } from "./stage.js";

/** The product's gateway in a process of its own, started as its deployment starts it. */
export function startGateway(
  stage: Stage,
  environment: Readonly<Record<string, string>>,
  secret: string,
): Promise<Child> {
  return startChild(
    stage,
    "gateway",
    {
      ...environment,
      GITHUB_WEBHOOK_SECRET: secret,
      HOST: "127.0.0.1",
      WEBHOOK_PORT: "0",
      LOG_LEVEL: "warn",
    },
    nodeFlags,
  );
}
