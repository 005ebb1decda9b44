import { isGitHubError, type GitHubError } from "@pullwright/github";
import type { Delivery, Stores } from "@pullwright/persistence";
import {
  backoffMs,
  codeOf,
  messageOf,
  reach,
  type Logger,
  type Metrics,
} from "@pullwright/platform";
import type { Timing } from "../timing.js";
import type { Handled, NotYet } from "./handled.js";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** GitHub redelivers for three days; what could not be handled in that time is shown as failed. */
const MAX_AGE_MS = 3 * DAY_MS;
/**
 * What GitHub refuses waits for a person, who may take days to mend a token or a permission. Twice the pause each time up to
 * this makes about a hundred tries in three days; at the pace of an outage it would be nine hundred, each a request or more.
 */
const LONGEST_REFUSED_WAIT_MS = HOUR_MS;
/** Our own mistakes do not mend themselves. */
const SURPRISE_TRIES = 5;
/** One that ends whoever handles it would do so for ever; with holds that grow, so many are more than four hours. */
const LOST_TAKES = 10;
/** How often GitHub's history may lag behind its webhook. */
const NOT_YET_TRIES = 5;

export interface DeliveryWorkerParts {
  readonly stores: Stores;
  readonly handle: (delivery: Delivery) => Promise<Handled | NotYet>;
  readonly timing: Timing;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Takes deliveries and settles each with a verdict; what GitHub or Postgres keep from being handled is put back. */
export class DeliveryWorker {
  readonly #parts: DeliveryWorkerParts;
  readonly #verdicts;
  readonly #latency;

  constructor(parts: DeliveryWorkerParts) {
    this.#parts = parts;
    this.#verdicts = parts.metrics.counter({
      name: "deliveries_total",
      help: "Handled deliveries by event and verdict.",
      labels: ["source", "verdict"],
    });
    this.#latency = parts.metrics.histogram({
      name: "delivery_to_run_seconds",
      help: "From the delivery's arrival to its run.",
    });
  }

  /** Answers a doorbell. Finding nothing to take is a success: it is handled, or in other hands. */
  async answer(deliveryId: string): Promise<void> {
    const { stores, handle, timing } = this.#parts;
    const delivery = await stores.deliveries.take(
      deliveryId,
      timing.deliveryHoldMs,
    );
    if (delivery === null) return;
    reach("orchestrator.delivery-taken");
    if (delivery.lostTakes >= LOST_TAKES) {
      await this.#giveUpLost(delivery);
      return;
    }
    let handled: Handled | NotYet;
    try {
      handled = await handle(delivery);
    } catch (error) {
      await this.#failed(delivery, error);
      return;
    }
    if (handled.verdict !== "not_yet") await this.#settle(delivery, handled);
    else if (isOver(delivery, handled))
      await this.#settle(delivery, {
        verdict: "ignored",
        reason: handled.reason,
      });
    else
      await this.#putBack(delivery, {
        afterMs: this.#backoff(delivery),
        reason: handled.reason,
        counts: handled.isForNewer !== true,
      });
  }

  async #giveUpLost(delivery: Delivery): Promise<void> {
    const { id, lostTakes } = delivery;
    this.#parts.logger.error(
      { deliveryId: id, lostTakes },
      "whoever took a delivery was not heard of again, too often; it is settled as failed",
    );
    await this.#settle(delivery, {
      verdict: "failed",
      reason: `Whoever handled it ended without a word, ${lostTakes.toString()} times.`,
    });
  }

  async #failed(delivery: Delivery, error: unknown): Promise<void> {
    const { logger } = this.#parts;
    const reason = messageOf(error);
    // Postgres away: the hold runs out by itself, and the reconciler rings again.
    if (codeOf(error) === "database_unavailable") throw error;
    const limitMet = isGitHubError(error)
      ? ageMsOf(delivery) > MAX_AGE_MS
      : delivery.countedFailures + 1 >= SURPRISE_TRIES;
    logger.warn(
      { err: error, deliveryId: delivery.id, failures: delivery.failures + 1 },
      limitMet
        ? "a delivery could not be handled; it is settled as failed"
        : "a delivery could not be handled yet",
    );
    if (limitMet) {
      await this.#settle(delivery, { verdict: "failed", reason });
      return;
    }
    await this.#putBack(delivery, {
      afterMs: isGitHubError(error)
        ? this.#pauseAfter(error, delivery)
        : this.#backoff(delivery),
      reason,
      // GitHub's absence leaves the tries for what comes after it.
      counts: !isGitHubError(error),
    });
  }

  #pauseAfter({ fault, rateLimit }: GitHubError, delivery: Delivery): number {
    if (rateLimit !== undefined)
      return Math.max(0, rateLimit.resumeAt.getTime() - Date.now());
    const passes = fault === "unavailable" || fault === "rate_limited";
    return this.#backoff(
      delivery,
      passes ? undefined : LONGEST_REFUSED_WAIT_MS,
    );
  }

  #backoff(
    { failures }: Delivery,
    maxMs = this.#parts.timing.retry.maxMs,
  ): number {
    const { baseMs } = this.#parts.timing.retry;
    return backoffMs(failures + 1, { baseMs, maxMs });
  }

  async #putBack(
    { id, source }: Delivery,
    back: Parameters<Stores["deliveries"]["putBack"]>[1],
  ): Promise<void> {
    this.#verdicts.inc({ source, verdict: "put_back" });
    await this.#parts.stores.deliveries.putBack(id, back);
  }

  async #settle(delivery: Delivery, handled: Handled): Promise<void> {
    reach("orchestrator.delivery-handled-not-settled");
    await this.#parts.stores.deliveries.settle(delivery.id, handled);
    reach("orchestrator.delivery-settled");
    this.#verdicts.inc({ source: delivery.source, verdict: handled.verdict });
    if (handled.verdict === "started")
      this.#latency.observe(ageMsOf(delivery) / 1000);
  }
}

const ageMsOf = ({ receivedAt }: Delivery) => Date.now() - receivedAt.getTime();

/** Whether nothing more is to be expected of a delivery that could not be handled yet. */
function isOver(delivery: Delivery, { isForNewer }: NotYet): boolean {
  return isForNewer === true
    ? ageMsOf(delivery) > MAX_AGE_MS
    : delivery.countedFailures + 1 >= NOT_YET_TRIES;
}
