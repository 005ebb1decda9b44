import { findShippedWorkflow } from "../../workflow/shipped-workflows.js";
import type { FailureClass } from "../../failure/failure-class.js";
import type { WorkflowDefinition } from "../../workflow/workflow-definition.js";
import { decide } from "../decide.js";
import { isRefusal, type EffectKind, type Refusal } from "../decision.js";
import { openRun, type NewRun } from "../open-execution.js";
import type {
  PhaseFailed,
  PhaseNoChanges,
  PhaseSucceeded,
  TestEvidence,
} from "../phase-result.js";
import type { RunEvent } from "../run-event.js";
import type { PhaseRunState, RunLimits, RunState } from "../run-state.js";

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const monday = new Date("2026-01-05T09:00:00.000Z");

export const pullRequestUrl = "https://github.test/acme/shop/pull/12";

const limits: RunLimits = {
  maxActiveMs: 2 * HOUR,
  maxUsd: null,
  maxFixRounds: 3,
};

export function succeeded(facts: Partial<PhaseSucceeded> = {}): PhaseSucceeded {
  return { outcome: "succeeded", summary: "Done.", usage: null, ...facts };
}

export function noChanges(facts: Partial<PhaseNoChanges> = {}): PhaseNoChanges {
  return { outcome: "no_changes", summary: "", usage: null, ...facts };
}

export function failed(
  failureClass: FailureClass,
  facts: Partial<PhaseFailed> = {},
): PhaseFailed {
  return {
    outcome: "failed",
    failureClass,
    message: `It failed: ${failureClass}.`,
    summary: "",
    usage: null,
    ...facts,
  };
}

export function costing(costUsd: number) {
  return {
    usage: {
      inputTokens: 1,
      outputTokens: 1,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costUsd,
    },
  };
}

/** A full commit SHA that a reader can tell from the others. */
export function sha(digit: string): string {
  return digit.repeat(40);
}

export function evidence(exitCode: number): TestEvidence {
  return {
    tested: true,
    commands: [
      {
        command: ["npm", "test"],
        kind: "test",
        exitCode,
        durationMs: 12_000,
        outputTail: exitCode === 0 ? "ok" : "expected 2, got 3",
      },
    ],
    changedTestFiles: [],
    baseFailed: false,
    headSha: sha("c"),
  };
}

export const testsFailed = (): PhaseFailed =>
  failed("tests_failed", { tests: evidence(1) });

/** A run and its clock, driven event by event; every event is expected to be taken unless a test asks otherwise. */
export class DrivenRun {
  now = monday;
  state: RunState;
  effects: readonly EffectKind[] = [];

  constructor(
    workflow: string | WorkflowDefinition = "adw_plan_build_test",
    request: Partial<Omit<NewRun, "workflow" | "limits">> & {
      readonly limits?: Partial<RunLimits>;
    } = {},
  ) {
    const definition =
      typeof workflow === "string" ? findShippedWorkflow(workflow) : workflow;
    if (definition === undefined) throw new Error(`no workflow ${workflow}`);
    this.state = openRun(
      {
        ...request,
        workflow: definition,
        limits: { ...limits, ...request.limits },
      },
      this.now,
    );
  }

  pass(ms: number): this {
    this.now = new Date(this.now.getTime() + ms);
    return this;
  }

  passUntil(moment: Date | null | undefined): this {
    if (moment == null) throw new Error("there is no such moment");
    this.now = moment;
    return this;
  }

  send(event: RunEvent): this {
    const answer = decide(this.state, event, this.now);
    if (isRefusal(answer))
      throw new Error(`${event.type} was refused: ${answer.message}`);
    this.state = answer.run;
    this.effects = answer.effects;
    return this;
  }

  refusal(event: RunEvent): Refusal {
    const answer = decide(this.state, event, this.now);
    if (!isRefusal(answer)) throw new Error(`${event.type} was taken`);
    return answer;
  }

  claim(): this {
    return this.send({ type: "phase_claimed", position: this.live.position });
  }

  finish(result: Extract<RunEvent, { type: "phase_finished" }>["result"]) {
    const { position, fence } = this.live;
    return this.send({ type: "phase_finished", position, fence, result });
  }

  /** Claims the queued phase, works a minute and hands in the result. */
  work(result: Parameters<DrivenRun["finish"]>[0] = succeeded()): this {
    return this.claim().pass(MINUTE).finish(result);
  }

  lose(): this {
    const { position, fence } = this.live;
    const message = "The runner fell silent.";
    return this.send({ type: "attempt_lost", position, fence, message });
  }

  publish(): this {
    return this.send({ type: "published", pullRequestUrl });
  }

  failToPublish(result: PhaseFailed): this {
    return this.send({ type: "publish_failed", result });
  }

  cancel(reason: string | null = null): this {
    return this.send({ type: "cancel_requested", by: "ada", reason });
  }

  elapse(): this {
    return this.send({ type: "wait_elapsed" });
  }

  continue(addUsd = 0): this {
    return this.send({ type: "continue_requested", by: "ada", addUsd });
  }

  retry(phase: string | null = null): this {
    return this.send({ type: "retry_requested", by: "ada", phase });
  }

  /** Claims and succeeds until the named phase is the live one. */
  upTo(name: string): this {
    while (this.live.definition.name !== name)
      this.work(
        this.live.definition.writes === "nothing"
          ? succeeded()
          : succeeded({ commitSha: sha("a") }),
      );
    return this;
  }

  get live(): PhaseRunState {
    const live = this.state.phases.find(({ status }) =>
      ["queued", "running", "waiting"].includes(status),
    );
    if (live === undefined) throw new Error(`the run is ${this.state.status}`);
    return live;
  }

  phase(name: string, round = 1): PhaseRunState {
    const found = this.state.phases.find(
      (phase) => phase.definition.name === name && phase.round === round,
    );
    if (found === undefined) throw new Error(`no ${name} in round ${round}`);
    return found;
  }

  /** The execution at one glance, such as `plan:succeeded build:running`. */
  get story(): string {
    return this.state.phases
      .map(({ definition, round, status }) =>
        round === 1
          ? `${definition.name}:${status}`
          : `${definition.name}#${round}:${status}`,
      )
      .join(" ");
  }
}
