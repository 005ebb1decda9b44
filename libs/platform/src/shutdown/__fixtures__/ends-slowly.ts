// Ends when told to, and says so; its only hook takes as long as the argument says.
import { createSilentLogger } from "../../logging/logger.js";
import { sleep } from "../../time/sleep.js";
import { createShutdown } from "../shutdown.js";

const [hookMs = "0", deadlineMs = "10000"] = process.argv.slice(2);
const shutdown = createShutdown({ logger: createSilentLogger() });
shutdown.add("slow", () => sleep(Number(hookMs)), { deadlineMs: Number(deadlineMs) });
shutdown.signal.addEventListener("abort", () => process.stdout.write("shutting down\n"));
shutdown.listen();
setInterval(() => undefined, 1_000);
process.stdout.write("ready\n");
