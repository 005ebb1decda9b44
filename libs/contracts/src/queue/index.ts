export * from "./catalog.js";
export * from "./live-event.js";
export * from "./doorbell.js";
