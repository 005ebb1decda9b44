import { agentsLeft, decide, isRefusal } from "@pullwright/domain";
import type { LoadedRun, Stores } from "@pullwright/persistence";

/** So many waiting runs are looked at in a tick. */
const PAGE = 20;
const BEFORE_ALL = "00000000-0000-0000-0000-000000000000";

/**
 * Finds runs whose shared budget has room again: raised, a new day's, or given back by what needed less. One run a budget
 * and tick, since what the first will take is seen only once it is claimed.
 */
export class BudgetWaits {
  #after = BEFORE_ALL;

  constructor(
    private readonly stores: Stores,
    /** Who works for a run that names no agent. */
    private readonly defaultAgent: string,
  ) {}

  async freed(): Promise<LoadedRun[]> {
    const page = await this.stores.reconciliation.budgetWaits(
      this.#after,
      PAGE,
    );
    this.#after =
      page.length < PAGE ? BEFORE_ALL : (page.at(-1)?.runId ?? BEFORE_ALL);
    const freed = new Map<string, LoadedRun>();
    for (const { runId, budgetId } of page) {
      if (freed.has(budgetId)) continue;
      const run = await this.stores.runs.byId(runId);
      if (run !== null && (await this.#hasRoom(run))) freed.set(budgetId, run);
    }
    return [...freed.values()];
  }

  /** Asks for the agents that the claim will ask for: else it would be refused at once, and the run would wait anew for ever. */
  async #hasRoom(run: LoadedRun): Promise<boolean> {
    const goesOn = decide(run.state, { type: "budget_freed" }, run.clock);
    if (isRefusal(goesOn)) return false;
    const phase = goesOn.run.phases.find(({ status }) => status === "queued");
    if (phase === undefined) return true; // It needs no money to go on, such as to its end.
    const { breakers, reservations } = this.stores;
    const left = agentsLeft(goesOn.run.agentRoute, phase);
    for (const agent of left.length > 0 ? left : [this.defaultAgent]) {
      if (!(await reservations.wouldFit(run, phase.definition, agent)))
        return false;
      // While its quota is used up, the next one of the route may be asked in its place.
      if ((await breakers.ofAgents([agent])).length === 0) return true;
    }
    return true;
  }
}
