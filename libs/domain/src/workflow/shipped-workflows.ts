import type {
  PhaseDefinition,
  WorkflowDefinition,
} from "./workflow-definition.js";

const classify = {
  name: "classify",
  kind: "agent",
  writes: "nothing",
  timeoutMinutes: 5,
  stallMinutes: 3,
} as const satisfies PhaseDefinition;

const plan = {
  name: "plan",
  kind: "agent",
  writes: "plan",
  timeoutMinutes: 30,
  stallMinutes: 10,
} as const satisfies PhaseDefinition;

const build = {
  name: "build",
  kind: "agent",
  writes: "code",
  timeoutMinutes: 60,
  stallMinutes: 10,
} as const satisfies PhaseDefinition;

const test = {
  name: "test",
  kind: "commands",
  writes: "nothing",
  timeoutMinutes: 45,
  stallMinutes: 20,
} as const satisfies PhaseDefinition;

const publish = {
  name: "publish",
  kind: "builtin",
  writes: "nothing",
  timeoutMinutes: 60,
  stallMinutes: 60,
} as const satisfies PhaseDefinition;

/** The workflows that come with Pullwright. */
export const shippedWorkflows = [
  {
    name: "adw_plan",
    version: 1,
    description: "Classify the issue and write a plan on the run's branch.",
    start: "base",
    phases: [classify, plan],
  },
  {
    name: "adw_build",
    version: 1,
    description:
      "Change the code after the latest plan, or straight from the issue.",
    start: "previous_or_base",
    phases: [build, publish],
  },
  {
    name: "adw_test",
    version: 1,
    description: "Test what the latest run of the issue built.",
    start: "previous",
    phases: [test, publish],
  },
  {
    name: "adw_plan_build",
    version: 1,
    description: "Classify, plan and build; the pull request stays a draft.",
    start: "base",
    phases: [classify, plan, build, publish],
  },
  {
    name: "adw_plan_build_test",
    version: 1,
    description:
      "Classify, plan, build and test; the pull request is ready when the tests pass.",
    start: "base",
    phases: [classify, plan, build, test, publish],
  },
] as const satisfies readonly WorkflowDefinition[];

export const defaultWorkflow = "adw_plan_build_test";

export function findShippedWorkflow(
  name: string,
): WorkflowDefinition | undefined {
  return shippedWorkflows.find((workflow) => workflow.name === name);
}
