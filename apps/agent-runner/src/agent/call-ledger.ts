import type { AgentEvent, AgentFinished } from "@pullwright/contracts";
import type { LlmCall } from "@pullwright/persistence";

/** What the model calls of one agent turn took, as far as the agent reports them. */
export class CallLedger {
  #calls: LlmCall[] = [];
  #spentUsd = 0;
  #spentTokens = 0;

  /** US dollars reported so far. */
  get spentUsd(): number {
    return this.#spentUsd;
  }

  /** Tokens in and out, reported so far. */
  get spentTokens(): number {
    return this.#spentTokens;
  }

  add(event: AgentEvent): void {
    if (event.type !== "usage") return;
    const { usage } = event;
    const tokens = usage.input_tokens + usage.output_tokens;
    if (event.scope === "step") {
      this.#spentUsd += usage.cost_usd ?? 0;
      this.#spentTokens += tokens;
      this.#calls.push({
        model: event.model ?? null,
        promptTokens:
          usage.input_tokens +
          usage.cache_read_tokens +
          usage.cache_write_tokens,
        completionTokens: usage.output_tokens,
        costUsd: usage.cost_usd,
        status: "success",
      });
    } else {
      this.#spentUsd = Math.max(this.#spentUsd, usage.cost_usd ?? 0);
      this.#spentTokens = Math.max(this.#spentTokens, tokens);
    }
  }

  /** The calls; an agent that reports only a total counts as one. */
  close(finished: AgentFinished, model: string | null): LlmCall[] {
    if (this.#calls.length > 0 || finished.usage === null) return this.#calls;
    const { usage } = finished;
    return [
      {
        model,
        promptTokens:
          usage.input_tokens +
          usage.cache_read_tokens +
          usage.cache_write_tokens,
        completionTokens: usage.output_tokens,
        costUsd: usage.cost_usd,
        status: finished.outcome === "succeeded" ? "success" : "failed",
        ...(finished.error === undefined
          ? {}
          : { errorCode: finished.error.class }),
      },
    ];
  }
}
