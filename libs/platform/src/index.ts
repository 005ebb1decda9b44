export * from "./error/app-error.js";
export * from "./postgres/embedded-postgres.js";
export * from "./time/sleep.js";
