export { AgentRunnerModule } from "./agent-runner.module.js";
export { keepLease } from "./attempt/keep-lease.js";
export { Lease, type LeaseTimes } from "./attempt/lease.js";
export { LogWriter, type LogSink } from "./attempt/log-writer.js";
export { SandboxRefused } from "./open-runner.js";
export { Runner } from "./runner.js";
export { serveAgentRunner, startAgentRunner } from "./start-agent-runner.js";
