// Another process: tells one live event again and again until it is ended.
import { createSilentLogger } from "@pullwright/platform";
import { createQueues } from "../index.js";

const [kind, url, prefix = "", runId = ""] = process.argv.slice(2);
const address = kind === "redis" ? { redisUrl: url, prefix } : { databaseUrl: url };
const queues = createQueues({ ...address, logger: createSilentLogger() });
setInterval(() => queues.publish({ type: "cancel.requested", runId, adwId: "a1b2c3d4" }), 50);
