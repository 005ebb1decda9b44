export * from "./agent/agent-event.js";
export { formatJson } from "./agent/format-json.js";
export * from "./queue/index.js";
export * from "./http/index.js";
