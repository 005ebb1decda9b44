export * from "./command/command.js";
export * from "./command/parse-comment.js";
export * from "./command/trigger-label.js";
export { probeBackoff, restsUntil } from "./failure/breaker.js";
export * from "./failure/failure-class.js";
export * from "./failure/failure-meaning.js";
export * from "./failure/failure-table.js";
export * from "./failure/render-failure-table.js";
export * from "./failure/wait-table.js";
export * from "./issue/classify-issue.js";
export * from "./money/budget.js";
export * from "./money/reserve.js";
export * from "./naming/adw-id.js";
export * from "./naming/run-names.js";
export * from "./naming/slug.js";
export {
  agentsLeft,
  chooseRoute,
  type Setback,
} from "./run/agent-route.js";
export * from "./run/decide.js";
export * from "./run/decision.js";
export { publishFenceOf } from "./run/decide/publish.js";
export { IllegalTransition } from "./run/change-phase.js";
export { openRun, POSITION_STEP, type NewRun } from "./run/open-execution.js";
export * from "./run/limit-kind.js";
export * from "./run/phase-result.js";
export * from "./run/priority.js";
export * from "./run/run-event.js";
export * from "./run/run-state.js";
export * from "./run/run-status.js";
export * from "./run/waiting.js";
export * from "./workflow/shipped-workflows.js";
export * from "./workflow/workflow-definition.js";
