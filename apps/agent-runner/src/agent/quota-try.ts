import type { AgentEvent } from "@pullwright/contracts";
import { reach } from "@pullwright/platform";
import type { AttemptRef, Stores } from "@pullwright/persistence";

/** An attempt that tries whether its credential's quota is back: the provider's first real answer tells everybody. */
export class QuotaTry {
  #pending: boolean;

  constructor(
    private readonly attempt: AttemptRef,
    private readonly breakers: Pick<Stores["breakers"], "close">,
  ) {
    this.#pending = attempt.worker?.tries === true;
  }

  /** A refused call counts no output, whatever text the CLI prints about it. */
  async see(event: AgentEvent): Promise<void> {
    if (event.type === "usage" && event.usage.output_tokens > 0)
      await this.succeeded();
  }

  async succeeded(): Promise<void> {
    const { worker, phaseRunId } = this.attempt;
    if (!this.#pending || worker == null || worker.credential === null) return;
    this.#pending = false;
    // Should it not come through, the next phase that asks tries anew.
    reach("runner.quota-back-not-told");
    await this.breakers
      .close(worker.credential, phaseRunId)
      .then(() => reach("runner.quota-back-told"))
      .catch(() => undefined);
  }
}
