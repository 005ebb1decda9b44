export * from "./agent/agent-event.js";
export { formatJson } from "./agent/format-json.js";
export { readGuardWishes } from "./policy/read-guard-wishes.js";
export {
  repositoryPolicy,
  type RepositoryPolicy,
} from "./policy/repository-policy.js";
export * from "./queue/index.js";
export * from "./http/index.js";
export { workflowDefinition } from "./workflow/workflow-definition.js";
