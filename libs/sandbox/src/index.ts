export { eraseFolder } from "./folders/erase-folder.js";
export { Activity } from "./process/activity.js";
export { endOrphans } from "./process/end-orphans.js";
export type { EndedBy } from "./process/end-cause.js";
export { cutMark } from "./process/line-splitter.js";
export type {
  CommandLine,
  Identity,
  OutputStream,
  ProcessRequest,
  TreeLimits,
} from "./process/process-request.js";
export type {
  ProcessResult,
  SpawnError,
  TreeReport,
} from "./process/process-result.js";
export { runProcess } from "./process/run-process.js";
export {
  runTool,
  type ToolRequest,
  type ToolResult,
} from "./process/run-tool.js";
export {
  createSandbox,
  type SandboxChoice,
  type SandboxOptions,
} from "./bubblewrap/create-sandbox.js";
export { findExecutable } from "./bubblewrap/find-executable.js";
export type {
  LimitKeeper,
  Sandbox,
  SandboxCapabilities,
  SandboxFolders,
  SandboxLimits,
  SandboxRequest,
} from "./bubblewrap/sandbox.js";
export { processStartTime } from "./process/process-table.js";
