import { loadConfig } from "@pullwright/platform";
import { openRuntime } from "@pullwright/runtime";
import { serveAgentRunner } from "./start-agent-runner.js";

const config = loadConfig(undefined, ["github"]);
const runtime = await openRuntime("agent-runner", config);
runtime.shutdown.listen();
await serveAgentRunner(runtime);
