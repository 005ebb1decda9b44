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

interface RetryWish {
  readonly phase?: string | undefined;
  readonly note?: string | undefined;
  readonly agent?: string | undefined;
  readonly model?: string | undefined;
}

/** Who gives a command, and under which key if they may give it twice. */
export interface CommandOrigin {
  readonly caller: Caller;
  readonly idempotencyKey: string | undefined;
}

/** What people may do to a run that exists: each makes its transition at once, and rings. */
@Injectable()
export class CommandRun {
  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(ANNOUNCE) private readonly announce: Runtime["announce"],
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  retry(run: LoadedRun, wish: RetryWish, origin: CommandOrigin) {
    const { phase = null, note = null, agent, model } = wish;
    demandAgent(agent, this.config);
    const by = origin.caller.actor;
    return this.#apply(run, { type: "retry_requested", by, phase }, origin, {
      note,
      ...(agent === undefined ? {} : { agent }),
      ...(model === undefined ? {} : { model }),
    });
  }

  cancel(run: LoadedRun, reason: string | undefined, origin: CommandOrigin) {
    const by = origin.caller.actor;
    return this.#apply(
      run,
      { type: "cancel_requested", by, reason: reason ?? null },
      origin,
    );
  }

  continue(run: LoadedRun, addUsd: number, origin: CommandOrigin) {
    const by = origin.caller.actor;
    return this.#apply(run, { type: "continue_requested", by, addUsd }, origin);
  }

  async delete(run: LoadedRun, { by }: Caller): Promise<void> {
    if (await this.stores.runQueries.delete(run.id, by)) return;
    if ((await this.stores.runs.byId(run.id)) === null)
      throw notFound(`run ${run.adwId}`);
    throw new ApiProblem("run-not-ended", "The run is live; cancel it first.", {
      adwId: run.adwId,
    });
  }

  async #apply(
    run: LoadedRun,
    event: RunEvent,
    { caller, idempotencyKey }: CommandOrigin,
    extras?: RunExtras,
  ): Promise<Commanded> {
    const cause =
      idempotencyKey === undefined
        ? {}
        : {
            cause: `api:${caller.keyId}:${run.adwId}:${event.type}:${idempotencyKey}`,
          };
    const answer = await this.stores.transitions.apply(run.id, {
      event,
      by: { actor: caller.actor, ...cause },
      ...(extras === undefined ? {} : { extras }),
    });
    if (answer.kind === "applied") {
      reach("api.command-recorded-not-rung");
      void this.announce(answer);
      reach("api.command-recorded-not-answered");
    }
    return standing(settle(answer, run.adwId));
  }
}

function standing({ adwId, state }: LoadedRun): Commanded {
  return {
    adw_id: adwId,
    status: state.status,
    execution: state.execution,
    cancel_requested: state.cancelRequest !== null,
  };
}

function settle(answer: TransitionAnswer, adwId: string): LoadedRun {
  if (answer.kind === "not_found") throw notFound(`run ${adwId}`);
  if (answer.kind === "applied") return answer.run;
  const { reason, message, run } = answer;
  switch (reason) {
    // The wish is fulfilled already: by an earlier cancel, or by this very command.
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
