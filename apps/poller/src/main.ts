import { loadConfig } from "@pullwright/platform";
import { openRuntime } from "@pullwright/runtime";
import { servePoller } from "./start-poller.js";

const config = loadConfig(undefined, ["github"]);
const runtime = await openRuntime("poller", config);
runtime.shutdown.listen();
await servePoller(runtime);
