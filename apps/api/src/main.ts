import { loadConfig } from "@pullwright/platform";
import { openRuntime } from "@pullwright/runtime";
import { startApi } from "./start-api.js";

const config = loadConfig(undefined, ["github"]);
const runtime = await openRuntime("api", config);
runtime.shutdown.listen();
await startApi(runtime);
