import { Inject, Injectable } from "@nestjs/common";
import type { Commanded } from "@pullwright/contracts";
import type { RunEvent } from "@pullwright/domain";
import type {
  LoadedRun,
  RunExtras,
  Stores,
  TransitionAnswer,
} from "@pullwright/persistence";
import { reach, type Config } from "@pullwright/platform";
import type { Runtime } from "@pullwright/runtime";
import { ANNOUNCE, CONFIG, STORES } from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { demandAgent } from "../choices/agents.js";
import { ApiProblem, invalidRequest, notFound } from "../http/api-problem.js";
import { keyedRequest, runOfEarlier, type Origin } from "./keyed-request.js";

interface RetryWish {
  readonly phase?: string | undefined;
  readonly note?: string | undefined;
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
}

/** What people may do to a run that exists: each makes its transition at once, and rings. */
@Injectable()
export class CommandRun {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(ANNOUNCE) private readonly announce: Runtime["announce"],
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  retry(run: LoadedRun, wish: RetryWish, origin: Origin) {
    const { phase = null, note = null, agent, model } = wish;
    const by = origin.caller.actor;
    return this.#once(run, { type: "retry_requested", by, phase }, origin, {
      note,
      ...(agent === undefined ? {} : { agent }),
      ...(model === undefined ? {} : { model }),
    });
  }

  cancel(run: LoadedRun, reason: string | undefined, origin: Origin) {
    const by = origin.caller.actor;
    return this.#once(
      run,
      { type: "cancel_requested", by, reason: reason ?? null },
      origin,
    );
  }

  continue(run: LoadedRun, addUsd: number, origin: Origin) {
    const by = origin.caller.actor;
    return this.#once(run, { type: "continue_requested", by, addUsd }, origin);
  }

  async delete(run: LoadedRun, { by }: Caller): Promise<void> {
    if (await this.stores.runQueries.delete(run.id, by)) return;
    if ((await this.stores.runs.byId(run.id)) === null)
      throw notFound(`run ${run.adwId}`);
    throw new ApiProblem("run-not-ended", "The run is live; cancel it first.", {
      adwId: run.adwId,
    });
  }

  /** Applies a command, or tells where the run stands when this very request has been applied before. */
  async #once(
    run: LoadedRun,
    event: RunEvent,
    origin: Origin,
    extras: RunExtras = {},
  ): Promise<Commanded> {
    const request = keyedRequest(origin, `${run.adwId}:${event.type}:`, {
      ...event,
      ...extras,
    });
    const known = await runOfEarlier(this.stores, request);
    if (known !== null) return standing(known);
    demandAgent(extras.agent ?? undefined, this.config);
    const answer = await this.stores.transitions.apply(run.id, {
      event,
      by: {
        actor: origin.caller.actor,
        trigger: origin.caller.trigger,
        ...request,
      },
      extras: withModelOf(extras, run.agent ?? this.config.agents.default),
    });
    if (answer.kind === "applied") {
      reach("api.command-recorded-not-rung");
      void this.announce(answer);
      reach("api.command-recorded-not-answered");
      return standing(answer.run);
    }
    // The same request may have been applied meanwhile: then it is what stands in its own way.
    const twin = await runOfEarlier(this.stores, request);
    return standing(twin ?? settle(answer, run.adwId));
  }
}

/** Another agent knows nothing of the model that the one before was given. */
function withModelOf(extras: RunExtras, agentBefore: string): RunExtras {
  const { agent, model } = extras;
  return agent === undefined || agent === agentBefore || model !== undefined
    ? extras
    : { ...extras, model: null };
}

function standing({ adwId, state }: LoadedRun): Commanded {
  return {
    adw_id: adwId,
    status: state.status,
    execution: state.execution,
    cancel_requested: state.cancelRequest !== null,
  };
}

function settle(
  answer: Exclude<TransitionAnswer, { kind: "applied" }>,
  adwId: string,
): LoadedRun {
  if (answer.kind === "not_found") throw notFound(`run ${adwId}`);
  const { reason, message, run } = answer;
  switch (reason) {
    // The wish is fulfilled already.
    case "run_ended":
    case "already_requested":
    case "cause_known":
      return run;
    case "no_such_phase":
      throw invalidRequest([{ field: "phase", message }]);
    case "run_not_ended":
    case "live_run_exists":
      throw new ApiProblem(
        reason === "run_not_ended" ? "run-not-ended" : "live-run-exists",
        message,
        { adwId },
      );
    case "nothing_to_reuse":
    case "not_waiting":
    case "budget_spent":
    case "credential_rests":
    case "run_waiting":
    case "stale_fence":
    case "not_claimable":
    case "not_yet":
    case "not_publishing":
    case "newer_version":
      throw new ApiProblem("not-possible-now", message);
  }
}
