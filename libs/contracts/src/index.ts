export * from "./agent/agent-event.js";
