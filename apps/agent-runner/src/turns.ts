import { isEnded } from "@pullwright/domain";
import type {
  Admission,
  AttemptRef,
  ClaimedPhase,
  DispatchRules,
} from "@pullwright/persistence";
import { reach } from "@pullwright/platform";
import type { Runtime } from "@pullwright/runtime";
import type { Agents } from "./agent/agents.js";

/** Whose turn it is: what a runner begins next, and whether it may stay with its run. */
export class Turns {
  readonly #rules: DispatchRules;

  constructor(
    private readonly runtime: Pick<Runtime, "stores" | "queues">,
    private readonly agents: Agents,
    rules: DispatchRules,
  ) {
    this.#rules = { ...rules, credentials: agents.credentials() };
  }

  /**
   * The fairest phase that may begin. When another one was rung, the rings are exchanged: that one still waits, and with its
   * ring gone the ring of the one that begins must stand for it.
   */
  async next(
    rungPhaseRunId: string | null,
    freeSlots: number,
  ): Promise<Admission | null> {
    const asked = { rungPhaseRunId, freeSlots };
    const given = await this.runtime.stores.dispatch.next(this.#rules, asked);
    if (given === null) return null;
    const { phaseRunId, fence } = given;
    if (
      rungPhaseRunId !== null &&
      phaseRunId !== rungPhaseRunId &&
      fence !== null
    ) {
      reach("runner.turn-given-not-rung");
      await this.#ring({ phaseRunId, fence });
    }
    await this.passOn();
    return given;
  }

  /** Whether the run's next phase may begin here along with the end of this one, which keeps its slot. */
  async mayStay({ run, attempt }: ClaimedPhase): Promise<boolean> {
    if (isEnded(run.state.status)) return false;
    // A slot of the installation or of a repository is kept, but one of another agent must be asked for.
    const isOther = (agent: string | undefined) =>
      agent !== undefined && agent !== attempt.worker?.agent;
    const changesAgent = run.state.phases.some((phase) =>
      isOther(this.agents.workersOf(run, phase)[0]?.agent),
    );
    if (this.#rules.maxPerAgent !== null && changesAgent) return false;
    return !(await this.runtime.stores.dispatch.shouldYield(
      run.id,
      this.#rules,
    ));
  }

  /** The run has gone on here with another agent or with none: the one before may be free for another run. */
  async stayed(before: AttemptRef, now: AttemptRef): Promise<void> {
    if (before.worker?.agent !== now.worker?.agent) await this.passOn();
  }

  /** Where slots are counted: rings for a phase that may begin now in a slot that this runner has freed and does not use. */
  async passOn(): Promise<void> {
    const { dispatch } = this.runtime.stores;
    if (!dispatch.isLimitedBy(this.#rules)) return;
    const ready = await dispatch.ready(this.#rules);
    if (ready !== null) await this.#ring(ready);
  }

  async #ring({
    phaseRunId,
    fence,
  }: {
    readonly phaseRunId: string;
    readonly fence: number;
  }): Promise<void> {
    await this.runtime.queues.ring("phase.queued", { v: 1, phaseRunId, fence });
  }
}
