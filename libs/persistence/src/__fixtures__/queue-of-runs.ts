import type { PhaseResult, WorkflowDefinition } from "@pullwright/domain";
import type { ClaimedPhase } from "../stores/attempts.js";
import type { DispatchRules } from "../stores/dispatch-order.js";
import type { Repository } from "../stores/repositories.js";
import type { CreateRun } from "../stores/run-creation.js";
import { aTrigger, type StoresUnderTest } from "./stores-on-a-clone.js";

/** A workflow that is over when its one phase is. */
export const quick: WorkflowDefinition = {
  name: "quick",
  version: 1,
  description: "One phase.",
  start: "base",
  phases: [{ name: "plan", kind: "agent", writes: "plan", timeoutMinutes: 5, stallMinutes: 5 }],
};

export const rules: DispatchRules = { maxPhases: null, maxPerAgent: null, defaultAgent: "claude", ageingMs: 60_000 };

const succeeded: PhaseResult = { outcome: "succeeded", summary: "done", usage: null };
let repositories = 1000;

/** Runs that wait for their turn, and runners that take them. */
export function queueOfRuns(sut: StoresUnderTest) {
  const { stores, database } = sut;
  return {
    async repository(policy: Readonly<Record<string, unknown>> = {}): Promise<Repository> {
      repositories += 1;
      const made = await stores.repositories.upsert({
        githubId: repositories,
        owner: "acme",
        name: `repository-${repositories}`,
        defaultBranch: "main",
      });
      return (await stores.repositories.change(made.id, { policy })) ?? made;
    },

    /** The run's id. */
    async run(repository: Repository, change: Partial<CreateRun> = {}): Promise<string> {
      const made = await stores.creation.create(aTrigger(repository, { workflow: quick, ...change }));
      if (made.kind !== "created") throw new Error(made.kind);
      return made.run.id;
    },

    /** As though it had been queued so much earlier. */
    async age(runId: string, ms: number): Promise<void> {
      await database.pool.query(
        "UPDATE phase_runs SET available_at = available_at - $2 * interval '1 millisecond' WHERE workflow_run_id = $1 AND status = 'queued'",
        [runId, ms],
      );
    },

    /** Takes the fairest phase as a runner does; null when there is none. */
    async take(by: DispatchRules = rules): Promise<ClaimedPhase | null> {
      const given = await stores.dispatch.next(by);
      if (given === null) return null;
      const claimed = await stores.attempts.claim({ ...given, owner: "runner-1", leaseMs: 60_000 });
      if (claimed === null) throw new Error("what was given could not be claimed");
      return claimed;
    },

    finish: ({ attempt }: ClaimedPhase) => stores.attempts.finish(attempt, succeeded),

    /** Nothing waits and nothing runs any more. */
    async clear(): Promise<void> {
      await database.pool.query("DELETE FROM workflow_runs");
      await database.pool.query("DELETE FROM repositories");
    },
  };
}
