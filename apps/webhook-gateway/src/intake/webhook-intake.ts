import { readWebhook } from "@pullwright/github/webhook";
import type { Stores } from "@pullwright/persistence";
import {
  codeOf,
  messageOf,
  reach,
  withTimeout,
  type Logger,
} from "@pullwright/platform";
import type { Queues } from "@pullwright/queue";

/** A webhook whose signature was right. */
export interface SignedWebhook {
  readonly event: string;
  /** GitHub's name of the delivery; it is not signed and identifies no cause. */
  readonly guid: string;
  /** Exactly what was signed. */
  readonly text: string;
  readonly payload: object;
}

/** What became of it. */
export type IntakeOutcome =
  | { readonly kind: "recorded" | "duplicate"; readonly id: string }
  | { readonly kind: "unavailable" };

/** GitHub waits ten seconds for an answer; by then it shall have one. */
const RECORD_TIMEOUT_MS = 5_000;
/** More rings than this under way, and the next webhook waits for its own. */
const MAX_PENDING_RINGS = 200;

/** Records what GitHub reports and rings; decides nothing, so foreign repositories' events are recorded, too. */
export class WebhookIntake {
  private readonly rings = new Set<Promise<unknown>>();

  constructor(
    private readonly deliveries: Pick<Stores["deliveries"], "record">,
    private readonly queues: Pick<Queues, "ring">,
    private readonly logger: Logger,
    private readonly recordTimeoutMs = RECORD_TIMEOUT_MS,
  ) {}

  /** Answers once the delivery is committed; `unavailable` means that it may not be. */
  async take(webhook: SignedWebhook): Promise<IntakeOutcome> {
    const { event, guid, text } = webhook;
    const facts = readWebhook(event, webhook.payload);
    reach("gateway.received-not-recorded");
    try {
      const outcome = await withTimeout(
        this.deliveries.record({
          source: "webhook",
          guid,
          event,
          action: facts.action,
          repositoryId: facts.repositoryId,
          repositoryFullName: facts.repositoryFullName,
          payload: text,
        }),
        this.recordTimeoutMs,
        "Recording a delivery",
      );
      reach("gateway.recorded-not-rung");
      if (outcome.kind === "recorded") await this.ring(outcome.id);
      reach("gateway.rung-not-answered");
      return outcome;
    } catch (error) {
      if (!isAway(error)) throw error;
      this.logger.warn(
        { guid, event, reason: messageOf(error) },
        "a webhook could not be recorded",
      );
      return { kind: "unavailable" };
    }
  }

  /** Waits for the rings under way. */
  async drain(): Promise<void> {
    await Promise.all(this.rings);
  }

  /** The answer does not wait for the ring: a lost one is found by the reconciler, and the queue bounds its time. */
  private async ring(deliveryId: string): Promise<void> {
    const ring = this.queues
      .ring("delivery.received", { v: 1, deliveryId })
      .catch((error: unknown) =>
        this.logger.error({ err: error, deliveryId }, "a ring failed"),
      )
      .finally(() => this.rings.delete(ring));
    this.rings.add(ring);
    if (this.rings.size > MAX_PENDING_RINGS) await ring;
  }
}

function isAway(error: unknown): boolean {
  const code = codeOf(error);
  return code === "database_unavailable" || code === "timeout";
}
