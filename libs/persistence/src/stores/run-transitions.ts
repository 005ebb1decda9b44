import { setTimeout as sleep } from "node:timers/promises";
import type { Doorbell, LiveEvent } from "@pullwright/contracts";
import {
  decide,
  isRefusal,
  restsUntil,
  type Decision,
  type PhaseResult,
  type PhaseRunState,
  type RefusalReason,
  type RunEvent,
  type RunState,
} from "@pullwright/domain";
import { brokenConstraint } from "../database-error.js";
import type { Database } from "../database.js";
import { routeOf } from "../rows/run-row.js";
import { triggerPayload, type Trigger } from "./audit-note.js";
import {
  BudgetedWriter,
  type Reserved,
  type Stored,
} from "./budgeted-writer.js";
import { eventPayload, phaseName } from "./event-payload.js";
import type { RunLoader } from "./load-run.js";
import type { Breakers } from "./breakers.js";
import type { Reservations } from "./reservations.js";
import type { LogBatch } from "./log-batch.js";
import { logAppended } from "./logs.js";
import type { LoadedRun } from "./run-record.js";
import type { RunExtras, Save, Saved } from "./transition-save.js";
import { TransitionWriter } from "./transition-writer.js";

/** Who or what makes a transition, for the run's events. */
export interface Actor {
  /** A GitHub login, `api:<key>`, or a service such as `agent-runner`. */
  readonly actor: string;
  /** The command's cause; a second transition with the same one is refused. */
  readonly cause?: string;
  /** Names what was asked, where the same cause may come with another wish. */
  readonly requestSha256?: string;
  /** Where a person, GitHub or a request set it off. */
  readonly trigger?: Trigger;
}

export interface Applied {
  readonly kind: "applied";
  readonly run: LoadedRun;
  readonly saved: Saved;
  /** To be rung after the commit; losing one only costs time. */
  readonly doorbells: readonly Doorbell[];
  readonly live: readonly LiveEvent[];
  /** What the attempt that was begun may take of shared budgets; null when none applies. */
  readonly reservation: Reserved | null;
}

export type TransitionAnswer =
  | Applied
  | {
      readonly kind: "refused";
      readonly reason:
        | RefusalReason
        | "cause_known"
        | "live_run_exists"
        /** The agent's quota is used up: nothing was begun. */
        | "credential_rests";
      readonly message: string;
      readonly run: LoadedRun;
      /** The shared budget without room, when that is why. */
      readonly budgetId?: string;
    }
  | { readonly kind: "not_found" };

interface Request {
  readonly event: RunEvent | ((run: LoadedRun) => RunEvent | null);
  readonly by: Actor;
  readonly claim?: (run: LoadedRun) => NonNullable<Save["claim"]>;
  /** Claims the phase that this event queues, if it may begin at once: one commit and no doorbell between two phases. */
  readonly claimNext?:
    | ((run: LoadedRun, phase: PhaseRunState) => NonNullable<Save["claim"]>)
    | undefined;
  readonly extras?: RunExtras;
  /** The run as the asker knows it: tried first, and only the version says whether it is still so. */
  readonly known?: LoadedRun | undefined;
  /** The ended attempt's last lines, in the same commit as its result. */
  readonly lines?: LogBatch | undefined;
  /** Set when the ledger knows of the attempt that ends. */
  readonly isNoted?: boolean;
  /** What the provider of the attempt that ends counts by. */
  readonly credential?: string | null;
}

/** Under heavy contention on one run each writer still gets through within these tries. */
const MAX_TRIES = 20;

/** Makes transitions: reads the run, asks the core, writes the answer if nobody else was faster; else starts over. */
export class RunTransitions {
  readonly #writer: TransitionWriter;
  readonly #budgeted: BudgetedWriter;

  constructor(
    database: Database,
    private readonly loader: RunLoader,
    private readonly reservations: Reservations,
    private readonly breakers: Breakers,
  ) {
    this.#writer = new TransitionWriter(database);
    this.#budgeted = new BudgetedWriter(database, reservations);
  }

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
      const state = stateWith(run, request.extras);
      const answer = decide(state, event, run.clock);
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
      const ended = endedAttempt(event, request.isNoted ?? false);
      const rest = restAfter(event, request.credential, run.clock);
      const events = next === null ? [event] : [event, next.event];
      const outcome = await this.#save({
        before: run,
        after: decided.run,
        effects: decided.effects,
        actor: request.by.actor,
        events: events.map((one, index) => ({
          type: one.type,
          ...(index === 0 ? causeOf(request.by) : noCause),
          payload: {
            ...eventPayload(one, run, decided.run),
            ...(index === 0 ? triggerOf(request.by) : {}),
          },
        })),
        ...(claim === undefined ? {} : { claim }),
        ...(rest === undefined ? {} : { rest }),
        ...(ended === undefined ? {} : { ended }),
        ...(request.extras === undefined ? {} : { extras: request.extras }),
        ...(request.lines === undefined ? {} : { lines: request.lines }),
      });
      if (outcome === null && (await this.#rests(claim))) {
        if (next !== null)
          return this.#apply(load, { ...request, claimNext: undefined });
        const message = "The quota of the agent is used up for now.";
        return { kind: "refused", reason: "credential_rests", message, run };
      }
      if (outcome === null) {
        await sleep(Math.random() * 5 * attempt);
        continue;
      }
      if (outcome === "cause_known") {
        return {
          kind: "refused",
          reason: "cause_known",
          message: "This command was already taken.",
          run,
        };
      }
      if (outcome === "live_run_exists") {
        return {
          kind: "refused",
          reason: "live_run_exists",
          message: "Another run of this work item is live.",
          run,
        };
      }
      if (outcome.kind === "refused") {
        if (next !== null)
          return this.#apply(load, { ...request, claimNext: undefined });
        const { budgetId, message } = outcome.breach;
        return {
          kind: "refused",
          reason: "budget_spent",
          message,
          run,
          budgetId,
        };
      }
      return applied(
        {
          ...run,
          version: run.version + 1,
          state: decided.run,
          ...(request.extras ?? {}),
        },
        outcome,
        event,
        request.lines,
      );
    }
    throw new Error(
      `the run moved ${MAX_TRIES} times while ${request.by.actor} tried to change it`,
    );
  }

  /** Whether a claim that was not written was refused for its credential; asked only then. */
  async #rests(claim: Save["claim"]): Promise<boolean> {
    if (claim === undefined || claim.credential === null) return false;
    return (await this.breakers.among([claim.credential])).length > 0;
  }

  async #save(
    save: Save,
  ): Promise<
    | Awaited<ReturnType<BudgetedWriter["save"]>>
    | "cause_known"
    | "live_run_exists"
  > {
    try {
      const { claim } = save;
      const phase = save.after.phases.find(
        ({ status }) => status === "running",
      );
      return claim === undefined ||
        phase === undefined ||
        !(await this.reservations.mayApply(phase.definition))
        ? stored(await this.#writer.save(save))
        : await this.#budgeted.save(save, phase.definition);
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

/** What is decided must know whom the run is given to: its phases keep the agents that may do them. */
const stateWith = (
  { state, route }: LoadedRun,
  { agent }: RunExtras = {},
): RunState =>
  agent === undefined ? state : { ...state, agentRoute: routeOf(agent, route) };

const triggerOf = ({ trigger }: Actor) =>
  trigger === undefined ? {} : triggerPayload(trigger);

const noCause = { cause: null, requestSha256: null };

const causeOf = ({ cause, requestSha256 }: Actor) => ({
  cause: cause ?? null,
  requestSha256: requestSha256 ?? null,
});

/** The credential that is to be left alone after this event, if the attempt's agent was refused for quota. */
function restAfter(
  event: RunEvent,
  credential: string | null | undefined,
  now: Date,
): Save["rest"] {
  if (event.type !== "phase_finished" || event.result.outcome !== "failed")
    return undefined;
  const { result } = event;
  const until = restsUntil(result, now);
  return credential == null || until === null
    ? undefined
    : {
        credential,
        agent: result.agent ?? "",
        until,
        reason: result.message,
      };
}

/** Without a shared budget. */
const stored = (saved: Saved | null): Stored | null =>
  saved === null ? null : { kind: "saved", saved, reservation: null };

function applied(
  run: LoadedRun,
  { saved, reservation }: Stored,
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
  return { kind: "applied", run, saved, doorbells, live, reservation };
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

function endedAttempt(
  event: RunEvent,
  isNoted: boolean,
): Save["ended"] | undefined {
  switch (event.type) {
    case "phase_finished":
      return {
        ...key(event),
        outcome: event.result.outcome,
        result: event.result,
        message: messageOf(event.result),
        usage: event.result.usage,
        isNoted,
      };
    case "attempt_lost":
      return {
        ...key(event),
        outcome: "lost",
        result: null,
        message: event.message,
        usage:
          event.costUsd === undefined
            ? null
            : {
                inputTokens: event.tokens ?? 0,
                outputTokens: 0,
                costUsd: event.costUsd,
              },
        // Whoever tells of the loss cannot know what the owner had noted.
        isNoted: true,
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
