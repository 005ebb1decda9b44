export * from "./agent/agent-event.js";
export * from "./queue/index.js";
