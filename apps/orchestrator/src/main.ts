import { runService } from "@pullwright/runtime";
import { serveOrchestrator } from "./start-orchestrator.js";

await runService("orchestrator", ["github"], serveOrchestrator);
