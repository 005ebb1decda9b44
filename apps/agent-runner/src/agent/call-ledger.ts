import { toDomainUsage } from "@pullwright/agents";
import {
  MAX_REPORTED_USD,
  type AgentEvent,
  type AgentFinished,
} from "@pullwright/contracts";
import { estimateUsd, type ModelPrices, type Usage } from "@pullwright/domain";
import type { LlmCall } from "@pullwright/persistence";

/** What tells which price counts. */
export interface Priced {
  readonly prices: ModelPrices;
  readonly agent: string;
  /** As it was asked for; null for the agent's default. */
  readonly model: string | null;
}

/** What the model calls of one agent turn took, as far as the agent reports them; where it tells no cost, by the prices that are set. */
export class CallLedger {
  #calls: LlmCall[] = [];
  #spentUsd = 0;
  #spentTokens = 0;
  #hasEstimates = false;

  constructor(private readonly priced: Priced) {}

  /** US dollars so far. */
  get spentUsd(): number {
    return this.#spentUsd;
  }

  /** Tokens in and out, reported so far. */
  get spentTokens(): number {
    return this.#spentTokens;
  }

  add(event: AgentEvent): void {
    if (event.type !== "usage") return;
    const usage = toDomainUsage(event.usage);
    const tokens = usage.inputTokens + usage.outputTokens;
    const costUsd = this.#costOf(usage, event.model);
    if (event.scope === "step") {
      this.#hasEstimates ||= usage.costUsd === null && costUsd !== null;
      this.#spentUsd = Math.min(
        this.#spentUsd + (costUsd ?? 0),
        MAX_REPORTED_USD,
      );
      this.#spentTokens += tokens;
      this.#calls.push({
        model: event.model ?? null,
        promptTokens: promptTokens(usage),
        completionTokens: usage.outputTokens,
        costUsd,
        status: "success",
      });
    } else {
      // What the agent reports for the whole takes the place of a sum that was partly estimated.
      this.#spentUsd =
        this.#hasEstimates && usage.costUsd !== null
          ? usage.costUsd
          : Math.max(this.#spentUsd, costUsd ?? 0);
      this.#spentTokens = Math.max(this.#spentTokens, tokens);
    }
  }

  /** The calls; an agent that reports only a total counts as one. */
  close(finished: AgentFinished): LlmCall[] {
    const usage = toDomainUsage(finished.usage);
    if (this.#calls.length > 0 || usage === null) return this.#calls;
    return [
      {
        model: this.priced.model,
        promptTokens: promptTokens(usage),
        completionTokens: usage.outputTokens,
        costUsd: this.#costOf(usage),
        status: finished.outcome === "succeeded" ? "success" : "failed",
        ...(finished.error === undefined
          ? {}
          : { errorCode: finished.error.class }),
      },
    ];
  }

  /** What the turn took in all. A killed agent reports no total; what its calls said until then still counts. */
  total(finished: AgentFinished): Usage | null {
    const reported = toDomainUsage(finished.usage);
    if (reported !== null)
      return {
        ...reported,
        costUsd:
          reported.costUsd ??
          (this.#spentUsd > 0
            ? this.#spentUsd
            : this.#estimate(reported, undefined)),
      };
    if (this.#spentUsd === 0) return null;
    return {
      inputTokens: 0,
      outputTokens: 0,
      cacheReadTokens: 0,
      cacheWriteTokens: 0,
      costUsd: this.#spentUsd,
    };
  }

  #costOf(usage: Usage, model?: string): number | null {
    return usage.costUsd ?? this.#estimate(usage, model);
  }

  #estimate(usage: Usage, model: string | undefined): number | null {
    const { prices, agent, model: asked } = this.priced;
    const usd = estimateUsd(prices, [model, asked ?? agent], usage);
    return usd === null ? null : Math.min(usd, MAX_REPORTED_USD);
  }
}

const promptTokens = (usage: Usage): number =>
  usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens;
