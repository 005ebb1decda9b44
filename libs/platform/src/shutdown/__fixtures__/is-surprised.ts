// Throws where nobody catches, with a secret in what it says.
import { createLogger } from "../../logging/logger.js";
import { createShutdown } from "../shutdown.js";

const logger = createLogger({ service: "spec", secrets: ["hunter2"] });
createShutdown({ logger }).listen();
setInterval(() => undefined, 1_000);
if (process.argv[2] === "unhandled rejection") void Promise.reject(new Error("no hunter2 here"));
else setTimeout(() => { throw new Error("no hunter2 here"); }, 10);
