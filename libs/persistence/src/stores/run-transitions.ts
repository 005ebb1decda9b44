import { setTimeout as sleep } from "node:timers/promises";
import type { Doorbell, LiveEvent } from "@pullwright/contracts";
import {
  decide,
  isRefusal,
  type Decision,
  type PhaseResult,
  type PhaseRunState,
  type RefusalReason,
  type RunEvent,
} from "@pullwright/domain";
import { brokenConstraint } from "../database-error.js";
import type { Database } from "../database.js";
import type { RunLoader } from "./load-run.js";
import type { LogBatch } from "./log-batch.js";
import { logAppended } from "./logs.js";
import type { LoadedRun } from "./run-record.js";
import {
  saveTransition,
  type RunExtras,
  type Save,
  type Saved,
} from "./save-run.js";

/** Who or what makes a transition, for the run's events. */
export interface Actor {
  /** A GitHub login, `api:<key>`, or a service such as `agent-runner`. */
  readonly actor: string;
  /** The command's cause; a second transition with the same one is refused. */
  readonly cause?: string;
}

export interface Applied {
  readonly kind: "applied";
  readonly run: LoadedRun;
  readonly saved: Saved;
  /** To be rung after the commit; losing one only costs time. */
  readonly doorbells: readonly Doorbell[];
  readonly live: readonly LiveEvent[];
}

export type TransitionAnswer =
  | Applied
  | {
      readonly kind: "refused";
      readonly reason: RefusalReason | "cause_known" | "live_run_exists";
      readonly message: string;
      readonly run: LoadedRun;
    }
  | { readonly kind: "not_found" };

interface Request {
  readonly event: RunEvent | ((run: LoadedRun) => RunEvent | null);
  readonly by: Actor;
  readonly claim?: (run: LoadedRun) => NonNullable<Save["claim"]>;
  /** Claims the phase that this event queues, if it may begin at once: one commit and no doorbell between two phases. */
  readonly claimNext?: (
    run: LoadedRun,
    phase: PhaseRunState,
  ) => NonNullable<Save["claim"]>;
  readonly extras?: RunExtras;
  /** The run as the asker knows it: tried first, and only the version says whether it is still so. */
  readonly known?: LoadedRun | undefined;
  /** The ended attempt's last lines, in the same commit as its result. */
  readonly lines?: LogBatch | undefined;
}

/** Under heavy contention on one run each writer still gets through within these tries. */
const MAX_TRIES = 20;

/** Makes transitions: reads the run, asks the core, writes the answer if nobody else was faster; else starts over. */
export class RunTransitions {
  constructor(
    private readonly database: Database,
    private readonly loader: RunLoader,
  ) {}

  apply(runId: string, request: Request): Promise<TransitionAnswer> {
    return this.#apply(() => this.loader.byId(runId), request);
  }

  /** Applies to the run that `load` finds, which is asked anew whenever somebody else was faster. */
  applyTo(
    load: () => Promise<LoadedRun | null>,
    request: Request,
  ): Promise<TransitionAnswer> {
    return this.#apply(load, request);
  }

  async #apply(
    load: () => Promise<LoadedRun | null>,
    request: Request,
  ): Promise<TransitionAnswer> {
    for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
      const known = attempt === 1 ? request.known : undefined;
      const run = known ?? (await load());
      if (run === null) return { kind: "not_found" };
      const event =
        typeof request.event === "function"
          ? request.event(run)
          : request.event;
      if (event === null && known !== undefined) continue;
      if (event === null) {
        return {
          kind: "refused",
          reason: "no_such_phase",
          message: "The phase is not part of the current execution.",
          run,
        };
      }
      const answer = decide(run.state, event, run.clock);
      if (isRefusal(answer) && known !== undefined) continue;
      if (isRefusal(answer))
        return {
          kind: "refused",
          reason: answer.refused,
          message: answer.message,
          run,
        };

      const next =
        request.claimNext === undefined ? null : nextClaim(answer, run.clock);
      const decided = next?.decision ?? answer;
      const claim =
        next === null
          ? request.claim?.(run)
          : request.claimNext?.(run, next.phase);
      const ended = endedAttempt(event);
      const events = next === null ? [event] : [event, next.event];
      const saved = await this.#save({
        before: run,
        after: decided.run,
        effects: decided.effects,
        actor: request.by.actor,
        events: events.map((one, index) => ({
          type: one.type,
          cause: index === 0 ? (request.by.cause ?? null) : null,
          payload: eventPayload(one, run),
        })),
        ...(claim === undefined ? {} : { claim }),
        ...(ended === undefined ? {} : { ended }),
        ...(request.extras === undefined ? {} : { extras: request.extras }),
        ...(request.lines === undefined ? {} : { lines: request.lines }),
      });
      if (saved === "cause_known") {
        return {
          kind: "refused",
          reason: "cause_known",
          message: "This command was already taken.",
          run,
        };
      }
      if (saved === "live_run_exists") {
        return {
          kind: "refused",
          reason: "live_run_exists",
          message: "Another run of this work item is live.",
          run,
        };
      }
      if (saved !== null)
        return applied(
          {
            ...run,
            version: run.version + 1,
            state: decided.run,
            ...(request.extras ?? {}),
          },
          saved,
          event,
          request.lines,
        );
      await sleep(Math.random() * 5 * attempt);
    }
    throw new Error(
      `the run moved ${MAX_TRIES} times while ${request.by.actor} tried to change it`,
    );
  }

  async #save(
    save: Save,
  ): Promise<Saved | null | "cause_known" | "live_run_exists"> {
    try {
      return await saveTransition(this.database, save);
    } catch (error) {
      switch (brokenConstraint(error)) {
        case "run_events_cause":
          return "cause_known";
        case "workflow_runs_one_live":
          return "live_run_exists";
        default:
          throw error;
      }
    }
  }
}

function applied(
  run: LoadedRun,
  saved: Saved,
  event: RunEvent,
  batch: LogBatch | undefined,
): Applied {
  const doorbells: Doorbell[] = [];
  for (const phase of saved.phases) {
    if (phase.status !== "queued" || !phase.due) continue;
    doorbells.push({
      name: "phase.queued",
      payload: { v: 1, phaseRunId: phase.id, fence: phase.fence },
    });
  }
  for (const effect of saved.effects) {
    if (effect.due)
      doorbells.push({
        name: "effect.due",
        payload: { v: 1, effectId: effect.id, rev: effect.rev },
      });
  }
  const live: LiveEvent[] = [
    {
      type: "run.changed",
      runId: run.id,
      adwId: run.adwId,
      eventSeq: saved.eventSeq,
    },
  ];
  if (run.state.cancelRequest !== null && run.state.status === "running") {
    live.push({ type: "cancel.requested", runId: run.id, adwId: run.adwId });
  }
  if (batch !== undefined && saved.firstLine !== null) {
    const phase = "position" in event ? phaseName(run, event.position) : null;
    const { lines } = batch;
    live.unshift(
      logAppended(
        { runId: run.id, adwId: run.adwId },
        saved.firstLine,
        lines,
        phase,
      ),
    );
  }
  return { kind: "applied", run, saved, doorbells, live };
}

/** The phase that a decision has queued for now and that nobody has begun before, claimed on top of the decision. */
function nextClaim(
  { run, effects }: Decision,
  now: Date,
): {
  readonly phase: PhaseRunState;
  readonly event: RunEvent;
  readonly decision: Decision;
} | null {
  const phase = run.phases.find(
    ({ status, fence }) => status === "queued" && fence === 0,
  );
  if (phase === undefined) return null;
  const event: RunEvent = { type: "phase_claimed", position: phase.position };
  const decision = decide(run, event, now);
  if (isRefusal(decision)) return null;
  const all = [...new Set([...effects, ...decision.effects])];
  return { phase, event, decision: { run: decision.run, effects: all } };
}

function endedAttempt(event: RunEvent): Save["ended"] | undefined {
  switch (event.type) {
    case "phase_finished":
      return {
        ...key(event),
        outcome: event.result.outcome,
        result: event.result,
        message: messageOf(event.result),
      };
    case "attempt_lost":
      return {
        ...key(event),
        outcome: "lost",
        result: null,
        message: event.message,
      };
    default:
      return undefined;
  }
}

const key = (event: { position: number; fence: number }) => ({
  position: event.position,
  fence: event.fence,
});

const messageOf = (result: PhaseResult): string =>
  result.outcome === "failed" ? result.message : result.summary;

function phaseName(run: LoadedRun, position: number): string | null {
  const phase = run.state.phases.find((one) => one.position === position);
  return phase?.definition.name ?? null;
}

/** What the run's history shows of an event; results stay with their phases. */
function eventPayload(
  event: RunEvent,
  run: LoadedRun,
): Readonly<Record<string, unknown>> {
  switch (event.type) {
    case "phase_claimed":
      return { phase: phaseName(run, event.position) };
    case "phase_finished":
      return {
        phase: phaseName(run, event.position),
        fence: event.fence,
        outcome: event.result.outcome,
        ...(event.result.outcome === "failed"
          ? {
              failure_class: event.result.failureClass,
              message: event.result.message,
            }
          : {}),
      };
    case "attempt_lost":
      return {
        phase: phaseName(run, event.position),
        fence: event.fence,
        message: event.message,
      };
    case "published":
      return { pull_request_url: event.pullRequestUrl };
    case "publish_failed":
      return {
        failure_class: event.result.failureClass,
        message: event.result.message,
      };
    case "wait_elapsed":
      return { reason: run.state.waiting?.reason ?? null };
    case "cancel_requested":
      return { reason: event.reason };
    case "continue_requested":
      return { add_usd: event.addUsd };
    case "retry_requested":
      return { phase: event.phase };
  }
}
