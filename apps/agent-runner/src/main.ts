import { runService } from "@pullwright/runtime";
import { serveAgentRunner } from "./start-agent-runner.js";

await runService("agent-runner", ["github"], serveAgentRunner);
