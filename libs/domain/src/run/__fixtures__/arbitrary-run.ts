import fc from "fast-check";
import { failureClasses } from "../../failure/failure-class.js";
import { CAPACITY_DEADLINE_MS } from "../../failure/failure-table.js";
import { shippedWorkflows } from "../../workflow/shipped-workflows.js";
import type {
  PhaseDefinition,
  WorkflowDefinition,
} from "../../workflow/workflow-definition.js";
import { publishFenceOf } from "../decide/publish.js";
import type { NewRun } from "../open-execution.js";
import type { PhaseFailed, PhaseResult } from "../phase-result.js";
import type { RunEvent } from "../run-event.js";
import type { PhaseRunState, RunState } from "../run-state.js";
import { costing, evidence, monday } from "./driven-run.js";

/** What happens next, before it is known whom it happens to: most steps aim at the live phase, some miss. */
export interface Step {
  readonly event: RunEvent["type"];
  readonly aim: "live" | "stale fence" | "other phase";
  readonly stray: number;
  readonly result: PhaseResult;
  readonly phaseName: string | null;
  readonly addUsd: number;
  readonly clock: "tick" | "hour" | "due" | "deadline" | "back";
}

const phase = (
  name: string,
  kind: PhaseDefinition["kind"],
  writes: PhaseDefinition["writes"],
): PhaseDefinition => ({
  name,
  kind,
  writes,
  timeoutMinutes: 10,
  stallMinutes: 5,
});

/** Shapes that the shipped workflows have not: several builders, several checks, work after publishing. */
const otherWorkflows: readonly WorkflowDefinition[] = [
  [
    phase("backend", "agent", "code"),
    phase("lint", "commands", "nothing"),
    phase("frontend", "agent", "code"),
    phase("test", "commands", "nothing"),
    phase("publish", "builtin", "nothing"),
  ],
  [
    phase("build", "agent", "code"),
    phase("publish", "builtin", "nothing"),
    phase("review", "agent", "nothing"),
    phase("announce", "builtin", "nothing"),
  ],
].map((phases, index) => ({
  name: `other-${index}`,
  version: 1,
  description: "",
  start: "base",
  phases,
}));

const workflow = fc.constantFrom<WorkflowDefinition>(
  ...shippedWorkflows,
  ...otherWorkflows,
);

const hex = fc.constantFrom("a", "b", "c", "d", "e");
const optional = <T>(value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined, freq: 2 });

const facts = fc
  .record({
    summary: fc.constantFrom("", "Done."),
    costUsd: fc.constantFrom(null, 0, 0.5, 3, -1, Number.NaN),
    commitSha: optional(hex.map((digit) => digit.repeat(40))),
    planFile: optional(fc.constant("specs/issue-7.md")),
    classification: optional(fc.constantFrom("bug" as const, "chore" as const)),
    tests: optional(fc.constantFrom(evidence(0), evidence(1))),
  })
  .map(({ summary, costUsd, commitSha, planFile, classification, tests }) => ({
    summary,
    usage: costUsd === null ? null : costing(costUsd).usage,
    ...(commitSha !== undefined && { commitSha }),
    ...(planFile !== undefined && { planFile }),
    ...(classification !== undefined && { classification }),
    ...(tests !== undefined && { tests }),
  }));

const failure: fc.Arbitrary<PhaseFailed> = fc
  .record({
    facts,
    failureClass: fc.constantFrom(...failureClasses),
    agent: optional(fc.constantFrom("claude", "codex")),
    resumeAt: optional(
      fc.constantFrom(
        "",
        "soon",
        "2026-01-05T10:00:00Z",
        "2026-01-07T10:00:00Z",
        "2026-01-30T10:00:00Z",
        "9999-12-31T23:59:59Z",
      ),
    ),
    handedOver: optional(fc.constant(true as const)),
  })
  .map(({ facts: shared, failureClass, agent, resumeAt, handedOver }) => ({
    ...shared,
    outcome: "failed",
    failureClass,
    message: "It failed.",
    ...(agent !== undefined && { agent }),
    ...(resumeAt !== undefined && { resumeAt }),
    ...(handedOver !== undefined && { handedOver }),
  }));

const result: fc.Arbitrary<PhaseResult> = fc.oneof(
  {
    weight: 6,
    arbitrary: facts.map((f) => ({ ...f, outcome: "succeeded" as const })),
  },
  {
    weight: 1,
    arbitrary: facts.map((f) => ({ ...f, outcome: "no_changes" as const })),
  },
  { weight: 5, arbitrary: failure },
);

const weighted = <T>(...choices: readonly (readonly [number, T])[]) =>
  fc.oneof(
    ...choices.map(([weight, value]) => ({
      weight,
      arbitrary: fc.constant(value),
    })),
  );

const step: fc.Arbitrary<Step> = fc.record({
  event: weighted<RunEvent["type"]>(
    [20, "phase_claimed"],
    [3, "phase_unaffordable"],
    [4, "budget_freed"],
    [4, "blockers_seen"],
    [20, "phase_finished"],
    [4, "attempt_lost"],
    [5, "published"],
    [3, "publish_failed"],
    [6, "wait_elapsed"],
    [1, "cancel_requested"],
    [3, "continue_requested"],
    [4, "retry_requested"],
  ),
  aim: weighted<Step["aim"]>(
    [12, "live"],
    [1, "stale fence"],
    [1, "other phase"],
  ),
  stray: fc.nat({ max: 9 }),
  result,
  phaseName: fc.constantFrom(
    null,
    "classify",
    "plan",
    "build",
    "test",
    "publish",
    "frontend",
    "nonsense",
  ),
  addUsd: fc.constantFrom(0, 5, -5, Number.NaN),
  clock: weighted<Step["clock"]>(
    [10, "tick"],
    [2, "hour"],
    [6, "due"],
    [1, "deadline"],
    [1, "back"],
  ),
});

export interface Scenario {
  readonly request: NewRun;
  readonly steps: readonly Step[];
}

export const scenario: fc.Arbitrary<Scenario> = fc.record({
  request: fc.record({
    workflow,
    startSha: fc.constantFrom(null, "9".repeat(40)),
    pullRequestUrl: fc.constantFrom(
      null,
      "https://github.test/acme/shop/pull/3",
    ),
    limits: fc.record({
      maxActiveMs: fc.constantFrom(0, 1, 30 * 60_000, 100 * 3_600_000),
      maxUsd: fc.constantFrom(null, null, 0, 2, 50),
      maxFixRounds: fc.constantFrom(0, 1, 3),
    }),
    agentRoute: fc.constantFrom([], ["claude"], ["codex", "claude", "other"]),
  }),
  steps: fc.array(step, { maxLength: 60, size: "max" }),
});

/** The moment of the next event. */
export function moment(run: RunState, now: Date, clock: Step["clock"]): Date {
  const live = run.phases.find(({ status }) => status === "queued");
  switch (clock) {
    case "tick":
      return new Date(now.getTime() + 1000);
    case "hour":
      return new Date(now.getTime() + 3_600_000);
    case "back":
      return new Date(Math.max(monday.getTime(), now.getTime() - 60_000));
    case "deadline":
      return run.waiting?.deadline ?? turnDeadline(live) ?? now;
    case "due":
      return run.waiting?.resumeAt ?? live?.availableAt ?? now;
  }
}

const turnDeadline = (queued: PhaseRunState | undefined): Date | undefined =>
  queued && new Date(queued.availableAt.getTime() + CAPACITY_DEADLINE_MS);

/** The step as an event of this run. */
export function eventOf(run: RunState, step: Step): RunEvent {
  const live = run.phases.find(({ status }) =>
    ["queued", "running", "waiting"].includes(status),
  );
  const target =
    step.aim === "other phase"
      ? run.phases[step.stray % run.phases.length]
      : live;
  const position = target?.position ?? step.stray * 500;
  const fence = (target?.fence ?? 0) - (step.aim === "stale fence" ? 1 : 0);
  switch (step.event) {
    case "phase_claimed":
      return { type: step.event, position };
    case "phase_unaffordable":
      return {
        type: step.event,
        position,
        message: "There is no money.",
        budgetId: step.stray % 2 === 0 ? null : "day/*/*",
      };
    case "budget_freed":
      return { type: step.event };
    case "blockers_seen":
      return {
        type: step.event,
        open: step.stray % 2 === 0 ? [] : ["acme/shop#3"],
      };
    case "phase_finished":
      return { type: step.event, position, fence, result: step.result };
    case "attempt_lost":
      return {
        type: step.event,
        position,
        fence,
        message: "Lost.",
        ...(step.stray > 4 && { costUsd: step.stray - 5 }),
      };
    case "published":
      return {
        type: step.event,
        pullRequestUrl: `https://github.test/acme/shop/pull/${step.stray}`,
        fence:
          step.aim === "live"
            ? publishFenceOf(run)
            : { execution: run.execution, position, fence },
      };
    case "publish_failed":
      return {
        type: step.event,
        result:
          step.result.outcome === "failed"
            ? step.result
            : {
                ...step.result,
                outcome: "failed",
                failureClass: "transient",
                message: "Lost.",
              },
      };
    case "wait_elapsed":
      return { type: step.event };
    case "cancel_requested":
      return { type: step.event, by: "ada", reason: null };
    case "continue_requested":
      return { type: step.event, by: "ada", addUsd: step.addUsd };
    case "retry_requested":
      return { type: step.event, by: "ada", phase: step.phaseName };
  }
}
