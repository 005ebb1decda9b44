import type { GitHub } from "@pullwright/github";
import type { ClaimedEffect, LoadedRun, Stores } from "@pullwright/persistence";
import type { Logger, Metrics } from "@pullwright/platform";
import type { Announce } from "../announce.js";
import { policyOf } from "../policy.js";
import type { RunView } from "../rendering/run-view.js";
import type { Timing } from "../timing.js";
import { applyCommitStatus } from "./commit-status.effect.js";
import type { EffectSurroundings, RunEffect } from "./effect-context.js";
import type { EffectNews, EffectOutcome } from "./effect-outcome.js";
import { troubleOf, type Trouble } from "./effect-trouble.js";
import { applyLabels } from "./labels.effect.js";
import { isPublishing } from "./publish-failure.js";
import { applyPullRequest } from "./pull-request.effect.js";
import { applyReply } from "./reply.effect.js";
import { applyStatusComment } from "./status-comment.effect.js";

export interface EffectWorkerParts {
  readonly stores: Stores;
  readonly github: GitHub;
  readonly announce: Announce;
  /** This process, in the effects' leases. */
  readonly owner: string;
  readonly timing: Timing;
  /** What texts may link to and must not show. */
  readonly texts: Pick<RunView, "serverUrl" | "publicUrl" | "secrets">;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * Performs effects (R6): claim, look, act, record. No transaction spans a call to GitHub; what a died worker left behind
 * is found by its lease.
 */
export class EffectWorker {
  readonly #parts: EffectWorkerParts;
  readonly #surroundings: EffectSurroundings;
  readonly #outcomes;

  constructor(parts: EffectWorkerParts) {
    this.#parts = parts;
    this.#surroundings = {
      github: parts.github,
      uncertaintyMs: parts.timing.uncertaintyMs,
      now: () => new Date(),
    };
    this.#outcomes = parts.metrics.counter({
      name: "effects_total",
      help: "Turns of effects by kind and how they ended.",
      labels: ["kind", "outcome"],
    });
  }

  /** Answers a doorbell. Finding nothing to claim is a success: somebody else was quicker, or it is not due. */
  async answer(effectId: string): Promise<void> {
    const { stores, owner, timing } = this.#parts;
    const effect = await stores.effects.claim(
      effectId,
      owner,
      timing.effectLeaseMs,
    );
    if (effect === null) return;
    let run: LoadedRun | null = null;
    try {
      run = effect.runId === null ? null : await stores.runs.byId(effect.runId);
      const outcome = await this.#perform(effect, run);
      await this.#record(effect, run, outcome);
    } catch (error) {
      await this.#recordTrouble(effect, run, error);
    }
  }

  async #perform(
    effect: ClaimedEffect,
    run: LoadedRun | null,
  ): Promise<EffectOutcome> {
    const { stores, texts } = this.#parts;
    const repository = await stores.repositories.byId(effect.repositoryId);
    if (repository === null)
      return { kind: "given_up", reason: "the repository is not served" };
    if (effect.kind === "reply")
      return applyReply(effect, repository, this.#surroundings);
    const workItem =
      run === null ? null : await stores.runQueries.workItem(run.id);
    if (run === null || workItem === null)
      return { kind: "given_up", reason: "the run is gone" };
    const { pullRequestUrl } = run.state;
    const runEffect: RunEffect = {
      effect,
      run,
      view: { run, workItem, pullRequestUrl, ...texts },
    };
    switch (effect.kind) {
      case "status_comment":
        return applyStatusComment(runEffect, this.#surroundings);
      case "labels":
        return applyLabels(runEffect, this.#surroundings, stores.runs);
      case "commit_status":
        return applyCommitStatus(runEffect, this.#surroundings);
      case "pull_request":
        return applyPullRequest(
          runEffect,
          this.#surroundings,
          policyOf(repository),
        );
    }
  }

  async #record(
    effect: ClaimedEffect,
    run: LoadedRun | null,
    outcome: EffectOutcome,
  ): Promise<void> {
    const { effects } = this.#parts.stores;
    this.#outcomes.inc({ kind: effect.kind, outcome: outcome.kind });
    switch (outcome.kind) {
      case "applied":
        if (run !== null && outcome.news !== undefined)
          await this.#tell(run, outcome.news);
        await effects.complete(effect, outcome);
        return;
      case "later":
        await effects.postpone(effect, {
          at: outcome.at,
          error: outcome.reason,
          uncertain: outcome.uncertain,
          counts: false,
        });
        return;
      case "given_up":
        await effects.fail(effect, outcome.reason);
        await this.#note(run, effect, outcome.reason, "ERROR");
    }
  }

  async #recordTrouble(
    effect: ClaimedEffect,
    run: LoadedRun | null,
    error: unknown,
  ): Promise<void> {
    const { stores, logger, timing } = this.#parts;
    const trouble = troubleOf(error, {
      effect,
      publishing:
        effect.kind === "pull_request" &&
        run !== null &&
        isPublishing(run.state),
      retry: timing.retry,
      now: new Date(),
    });
    const { then, message } = trouble;
    this.#outcomes.inc({ kind: effect.kind, outcome: outcomeName(trouble) });
    logger.warn(
      { err: error, kind: effect.kind, target: effect.target, then: then.kind },
      "an effect was not applied",
    );
    if (run !== null && trouble.event !== null)
      await this.#tell(run, { event: trouble.event });
    if (then.kind === "give_up") await stores.effects.fail(effect, message);
    else
      await stores.effects.postpone(effect, {
        at: then.at,
        error: message,
        uncertain: trouble.uncertain,
        counts: then.counts,
      });
    // The first of a row of failures and the last are news for people; those between are not.
    if (then.kind === "give_up")
      await this.#note(run, effect, message, "ERROR");
    else if (effect.failures === 0)
      await this.#note(run, effect, message, "WARNING");
  }

  async #tell(run: LoadedRun, news: EffectNews): Promise<void> {
    const { stores, announce, owner } = this.#parts;
    const answer = await stores.transitions.apply(run.id, {
      event: news.event,
      by: { actor: owner },
      ...(news.pullRequestNumber === undefined
        ? {}
        : { extras: { pullRequestNumber: news.pullRequestNumber } }),
    });
    // Refused means that the run has moved on, and its newer state asks for its own effects.
    if (answer.kind === "applied") await announce(answer);
  }

  async #note(
    run: LoadedRun | null,
    effect: ClaimedEffect,
    reason: string,
    level: "WARNING" | "ERROR",
  ): Promise<void> {
    if (run === null) return;
    const { stores, announce } = this.#parts;
    const live = await stores.logs.note({ runId: run.id, adwId: run.adwId }, [
      {
        at: new Date(),
        level,
        message: `${effect.kind.replace("_", " ")}: ${reason}`,
      },
    ]);
    await announce({ doorbells: [], live: live === null ? [] : [live] });
  }
}

function outcomeName({ then }: Trouble): string {
  if (then.kind === "give_up") return "given_up";
  return then.counts ? "retried" : "rate_limited";
}
