export * from "./failure-class.js";
export * from "./phase-result.js";
