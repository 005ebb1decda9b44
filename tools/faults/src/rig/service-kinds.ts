export const serviceKinds = [
  "webhook-gateway",
  "poller",
  "orchestrator",
  "agent-runner",
  "api",
] as const;

export type ServiceKind = (typeof serviceKinds)[number];
