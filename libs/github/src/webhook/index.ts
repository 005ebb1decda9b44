export * from "./read-webhook.js";
export * from "./signature.js";
