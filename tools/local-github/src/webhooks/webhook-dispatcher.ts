import { setMaxListeners } from "node:events";
import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Delivery, Hook } from "../state/model.js";
import { DeliveryRules, type DeliveryRule } from "./delivery-rules.js";
import { send } from "./send.js";

/** One delivery to come: what it says, and to which hook. */
interface Outgoing {
  readonly hook: Hook;
  readonly event: string;
  readonly action: string | null;
  readonly payload: string;
  readonly repositoryId: number | null;
  readonly installationId: number | null;
  readonly guid?: string;
  readonly redelivery?: boolean;
}

/** Signs and sends webhooks, keeps each hook's log, and misbehaves on demand. */
export class WebhookDispatcher {
  readonly rules = new DeliveryRules();
  readonly #stopped = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  #reordered: Outgoing[] = [];
  #held: Outgoing[] = [];

  constructor(
    private readonly timeoutMs: number,
    private readonly nextId: () => number,
  ) {
    // Every delivery under way listens to it.
    setMaxListeners(0, this.#stopped.signal);
  }

  dispatch(outgoing: Outgoing): void {
    if (!outgoing.hook.active || this.#stopped.signal.aborted) return;
    const rule = this.rules.take({
      hookId: outgoing.hook.id,
      event: outgoing.event,
      action: outgoing.action,
    });
    this.#apply(rule, { guid: randomUUID(), ...outgoing });
  }

  /** Sends a logged delivery again: same GUID, new id. Rules apply to it as to any other. */
  redeliver(hook: Hook, delivery: Delivery): void {
    this.dispatch({ hook, ...delivery, redelivery: true });
  }

  /** Sends what a `hold` rule has kept. */
  release(order: "as_emitted" | "reversed" = "as_emitted"): void {
    const held = this.#held;
    this.#held = [];
    for (const outgoing of order === "reversed" ? held.reverse() : held)
      this.#send(outgoing);
  }

  /** Resolves when no delivery is under way (held ones are not). */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.settled();
  }

  #apply(rule: DeliveryRule | undefined, outgoing: Outgoing): void {
    switch (rule?.kind) {
      case undefined:
        this.#send(outgoing);
        break;
      case "lose":
        break;
      case "drop":
        this.#log(outgoing, new Date(), {
          status: "failed to connect to host",
          statusCode: 502,
          headers: {},
          body: "",
        });
        break;
      case "double":
        this.#send(outgoing);
        this.#send(outgoing);
        break;
      case "delay":
        this.#track(
          this.#pause(rule.delayMs ?? 1_000).then(() =>
            this.#deliver(outgoing),
          ),
        );
        break;
      case "hold":
        this.#held.push(outgoing);
        break;
      case "reorder":
        this.#gather(outgoing, rule.count ?? 2);
    }
  }

  #gather(outgoing: Outgoing, count: number): void {
    this.#reordered.push(outgoing);
    if (this.#reordered.length < count) return;
    const gathered = this.#reordered.reverse();
    this.#reordered = [];
    this.#track(this.#sendInTurn(gathered));
  }

  /** One after the other, so that the order on the wire is the order meant. */
  async #sendInTurn(gathered: readonly Outgoing[]): Promise<void> {
    for (const outgoing of gathered) await this.#deliver(outgoing);
  }

  #send(outgoing: Outgoing): void {
    this.#track(this.#deliver(outgoing));
  }

  async #deliver(outgoing: Outgoing): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    const deliveredAt = new Date();
    const answer = await send(
      outgoing.hook.url,
      headersOf(outgoing),
      bodyOf(outgoing),
      {
        timeoutMs: this.timeoutMs,
        signal: this.#stopped.signal,
      },
    );
    this.#log(outgoing, deliveredAt, answer);
  }

  #log(
    outgoing: Outgoing,
    deliveredAt: Date,
    answer: Awaited<ReturnType<typeof send>>,
  ): void {
    outgoing.hook.deliveries.push({
      id: this.nextId(),
      guid: outgoing.guid ?? randomUUID(),
      event: outgoing.event,
      action: outgoing.action,
      deliveredAt,
      redelivery: outgoing.redelivery ?? false,
      repositoryId: outgoing.repositoryId,
      installationId: outgoing.installationId,
      requestHeaders: headersOf(outgoing),
      payload: outgoing.payload,
      durationSeconds: (Date.now() - deliveredAt.getTime()) / 1_000,
      status: answer.status,
      statusCode: answer.statusCode,
      responseHeaders: answer.headers,
      responseBody: answer.body,
    });
  }

  async #pause(ms: number): Promise<void> {
    // A stop ends the wait early; what follows sees the stop and sends nothing.
    await sleep(ms, undefined, { signal: this.#stopped.signal }).catch(
      () => undefined,
    );
  }

  #track(work: Promise<unknown>): void {
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
  }
}

/** The payload as it goes over the wire; what is signed is the whole body. */
const bodyOf = ({ hook, payload }: Outgoing): string =>
  hook.contentType === "json"
    ? payload
    : new URLSearchParams({ payload }).toString();

function headersOf(outgoing: Outgoing): Record<string, string> {
  const { hook, event, guid } = outgoing;
  const body = bodyOf(outgoing);
  const sign = (algorithm: string, secret: string) =>
    `${algorithm}=${createHmac(algorithm, secret).update(body).digest("hex")}`;
  return {
    accept: "*/*",
    "content-type":
      hook.contentType === "json"
        ? "application/json"
        : "application/x-www-form-urlencoded",
    "user-agent": "GitHub-Hookshot/0c0ffee",
    "x-github-delivery": guid ?? "",
    "x-github-event": event,
    "x-github-hook-id": String(hook.id),
    "x-github-hook-installation-target-id": String(
      hook.target.type === "repository"
        ? hook.target.repository.id
        : hook.target.app.id,
    ),
    "x-github-hook-installation-target-type": hook.target.type,
    ...(hook.secret === null
      ? {}
      : {
          "x-hub-signature": sign("sha1", hook.secret),
          "x-hub-signature-256": sign("sha256", hook.secret),
        }),
  };
}
