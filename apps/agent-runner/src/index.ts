export { AgentRunnerModule } from "./agent-runner.module.js";
export { keepLease, type LeaseTimes } from "./attempt/keep-lease.js";
export { LogWriter, type LogSink } from "./attempt/log-writer.js";
export { SandboxRefused } from "./open-runner.js";
export { Runner } from "./runner.js";
export { serveAgentRunner, startAgentRunner } from "./start-agent-runner.js";
