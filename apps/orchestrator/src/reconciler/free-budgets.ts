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

  constructor(private readonly stores: Stores) {}

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

  async #hasRoom(run: LoadedRun): Promise<boolean> {
    const held = run.state.phases.find(({ status }) => status === "waiting");
    return (
      held !== undefined &&
      this.stores.reservations.wouldFit(
        run,
        held.definition,
        held.definition.agent ?? run.agent,
      )
    );
  }
}
