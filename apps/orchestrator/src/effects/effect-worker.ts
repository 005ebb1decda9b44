import { effectKinds, publishFenceOf, unknownIn } from "@pullwright/domain";
import type { ClaimedEffect, LoadedRun, Stores } from "@pullwright/persistence";
import { reach, type Metrics } from "@pullwright/platform";
import type { Timing } from "../timing.js";
import type { EffectOutcome } from "./effect-outcome.js";
import { troubleOf, type Trouble } from "./effect-trouble.js";
import type { PerformEffect } from "./perform-effect.js";
import type { RunTeller } from "./run-teller.js";

export interface EffectWorkerParts {
  readonly stores: Stores;
  readonly perform: PerformEffect;
  readonly teller: RunTeller;
  readonly timing: Timing;
  readonly metrics: Metrics;
}

/** Long enough for the newer version to be first, short enough for people who wait. */
const LEFT_FOR_MS = 10_000;

/**
 * Performs effects (R6): claim, look, act, record. No transaction spans a call to GitHub; what a died worker left behind
 * is found by its lease.
 */
export class EffectWorker {
  readonly #parts: EffectWorkerParts;
  readonly #outcomes;

  constructor(parts: EffectWorkerParts) {
    this.#parts = parts;
    this.#outcomes = parts.metrics.counter({
      name: "effects_total",
      help: "Turns of effects by kind and how they ended.",
      labels: ["kind", "outcome"],
    });
  }

  /** Answers a doorbell. Finding nothing to claim is a success: somebody else was quicker, or it is not due. */
  async answer(effectId: string): Promise<void> {
    const { stores, perform, teller, timing } = this.#parts;
    const effect = await stores.effects.claim(
      effectId,
      teller.owner,
      timing.effectLeaseMs,
    );
    if (effect === null) return;
    reach("orchestrator.effect-claimed");
    let run: LoadedRun | null = null;
    try {
      run = effect.runId === null ? null : await stores.runs.byId(effect.runId);
      const outcome = isForNewer(effect, run)
        ? left(effect)
        : await perform(effect, run);
      await this.#record(effect, run, outcome);
    } catch (error) {
      await this.#recordTrouble(effect, run, error);
    }
  }

  async #record(
    effect: ClaimedEffect,
    run: LoadedRun | null,
    outcome: EffectOutcome,
  ): Promise<void> {
    const { stores, teller } = this.#parts;
    const { effects } = stores;
    switch (outcome.kind) {
      case "applied":
        if (run !== null && outcome.news !== undefined) {
          const { event } = outcome.news;
          await teller.tell(run, outcome.news);
          if (event.type === "published" && event.note !== undefined)
            await this.#note(run, effect, "WARNING", event.note);
        }
        reach("orchestrator.run-told-not-completed");
        await effects.complete(effect, outcome);
        reach("orchestrator.effect-completed");
        break;
      case "later":
        await effects.postpone(effect, {
          at: outcome.at,
          error: outcome.reason,
          uncertain: outcome.uncertain,
          counts: false,
        });
        break;
      case "given_up":
        await effects.fail(effect, outcome.reason);
        await this.#note(run, effect, "ERROR", outcome.reason);
    }
    this.#outcomes.inc({ kind: effect.kind, outcome: outcome.kind });
  }

  async #recordTrouble(
    effect: ClaimedEffect,
    run: LoadedRun | null,
    error: unknown,
  ): Promise<void> {
    const { stores, teller, timing } = this.#parts;
    const trouble = troubleOf(error, {
      effect,
      publishing:
        effect.kind === "pull_request" && run !== null
          ? publishFenceOf(run.state)
          : null,
      retry: timing.retry,
    });
    const { then, message, uncertain } = trouble;
    const { kind, target } = effect;
    teller.warn(error, { kind, target, then: then.kind });
    if (run !== null && trouble.event !== null)
      await teller.tell(run, { event: trouble.event });
    if (then.kind === "give_up") await stores.effects.fail(effect, message);
    else
      await stores.effects.postpone(effect, {
        at: then.at,
        error: message,
        uncertain,
        counts: then.counts,
      });
    this.#outcomes.inc({ kind, outcome: outcomeName(trouble) });
    // The first of a row of failures and the last are news for people; those between are not.
    if (then.kind === "give_up")
      await this.#note(run, effect, "ERROR", message);
    else if (effect.failures === 0)
      await this.#note(run, effect, "WARNING", message);
  }

  async #note(
    run: LoadedRun | null,
    { kind }: ClaimedEffect,
    level: "WARNING" | "ERROR",
    reason: string,
  ): Promise<void> {
    if (run === null) return;
    const message = `${kind.replaceAll("_", " ")}: ${reason}`;
    await this.#parts.teller.note(run, level, message);
  }
}

/** While versions run side by side: an effect or a run that this one could only get wrong. */
function isForNewer({ kind }: ClaimedEffect, run: LoadedRun | null): boolean {
  const known: readonly string[] = [...effectKinds, "reply"];
  return (
    !known.includes(kind) || (run !== null && unknownIn(run.state) !== null)
  );
}

/** As it was, doubts about an earlier write included. */
function left({ uncertainSince, now }: ClaimedEffect): EffectOutcome {
  return {
    kind: "later",
    at: new Date(now().getTime() + LEFT_FOR_MS),
    reason: "a newer version of Pullwright asked for it",
    uncertain: uncertainSince !== null,
  };
}

function outcomeName({ then }: Trouble): string {
  if (then.kind === "give_up") return "given_up";
  return then.counts ? "retried" : "rate_limited";
}
