export * from "./as-ordinary-user.js";
export * from "./free-port.js";
export * from "./redis-server.js";
export * from "./tcp-link.js";
export * from "./test-database.js";
export * from "./until.js";
export * from "./typescript-process.js";
export * from "./use-up-quota.js";
