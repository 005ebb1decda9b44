import { loadConfig } from "@pullwright/platform";
import { openRuntime } from "@pullwright/runtime";
import { serveOrchestrator } from "./start-orchestrator.js";

const config = loadConfig(undefined, ["github"]);
const runtime = await openRuntime("orchestrator", config);
runtime.shutdown.listen();
await serveOrchestrator(runtime);
