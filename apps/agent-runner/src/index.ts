export { AgentRunnerModule } from "./agent-runner.module.js";
export { SandboxRefused } from "./open-runner.js";
export { Runner } from "./runner.js";
export { serveAgentRunner, startAgentRunner } from "./start-agent-runner.js";
