export {
  createOrchestrator,
  type Orchestrator,
  type OrchestratorRuntime,
} from "./orchestrator.js";
export { ORCHESTRATOR, OrchestratorModule } from "./orchestrator.module.js";
export { emptiedQueueStep } from "./reconciler/emptied-queue-step.js";
export type { ReconcilerStep } from "./reconciler/reconciler.js";
export { reconcilerSteps, type StepParts } from "./reconciler/steps.js";
export { serveOrchestrator, startOrchestrator } from "./start-orchestrator.js";
export { defaultTiming, type Timing } from "./timing.js";
