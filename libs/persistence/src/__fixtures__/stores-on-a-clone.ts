import { createTestDatabase, ensureTemplateDatabase, type TestDatabase } from "@pullwright/testing";
import { findShippedWorkflow, type PhaseResult, type WorkflowDefinition } from "@pullwright/domain";
import { migrate } from "../migrate.js";
import { openDatabase, type Database } from "../database.js";
import type { ClaimedPhase, Claimer } from "../stores/attempts.js";
import { createStores, type Stores } from "../stores/stores.js";
import type { Repository } from "../stores/repositories.js";
import type { CreateRun } from "../stores/run-creation.js";
import type { LoadedRun } from "../stores/run-record.js";

/** A runner that does not say which agents it has. */
export const runner: Claimer = { owner: "runner-1", leaseMs: 60_000 };

export const succeeded: PhaseResult = { outcome: "succeeded", summary: "done", usage: null };

export interface StoresUnderTest {
  readonly database: Database;
  readonly stores: Stores;
  readonly repository: Repository;
  readonly url: string;
  /** Of an issue of its own, unless told. */
  createRun(change?: Partial<CreateRun>): Promise<LoadedRun>;
  /** The run's queued phase for `runner`, or one that differs from it; null when it may not begin. */
  claim(run: LoadedRun, by?: Partial<Claimer>): Promise<ClaimedPhase | null>;
  /** The same; throws when it may not begin. */
  claimed(run: LoadedRun, by?: Partial<Claimer>): Promise<ClaimedPhase>;
  close(): Promise<void>;
}

/** A migrated database of the spec's own, with one repository in it. */
export async function storesOnAClone(): Promise<StoresUnderTest> {
  await ensureTemplateDatabase("pullwright_migrated", async (url) => {
    await migrate(url);
  });
  const testDatabase: TestDatabase = await createTestDatabase({ template: "pullwright_migrated" });
  const database = await openDatabase({ url: testDatabase.url });
  const stores = createStores(database);
  const repository = await stores.repositories.upsert({ githubId: 42, owner: "acme", name: "shop", defaultBranch: "main" });
  const claim: StoresUnderTest["claim"] = async (run, by = {}) => {
    const now = await stores.runs.byId(run.id);
    const queued = now?.phaseRows.find(({ status }) => status === "queued");
    return queued === undefined ? null : stores.attempts.claim({ phaseRunId: queued.id, ...runner, ...by });
  };
  return {
    database,
    stores,
    repository,
    url: testDatabase.url,
    async createRun(change) {
      const answer = await stores.creation.create(aTrigger(repository, change));
      if (answer.kind !== "created") throw new Error(answer.kind);
      return answer.run;
    },
    claim,
    async claimed(run, by) {
      const phase = await claim(run, by);
      if (phase === null) throw new Error(`no phase of ${run.adwId} may begin`);
      return phase;
    },
    async close() {
      await database.close();
      await testDatabase.drop();
    },
  };
}

let counter = 0;

/** A trigger that would be accepted; each call names a new cause and a new issue. */
export function aTrigger(repository: Repository, change: Partial<CreateRun> = {}): CreateRun {
  counter += 1;
  return {
    repository,
    baseBranch: "main",
    workflow: shipped("adw_plan_build_test"),
    limits: { maxActiveMs: 3_600_000, maxUsd: 5, maxFixRounds: 3 },
    issueNumber: counter,
    snapshot: { title: "Totals are wrong", body: "Off by one cent.", labels: ["bug"], author: "ada", comments: [] },
    cause: `label:42:${counter}`,
    triggeredBy: "ada",
    triggerSource: "label",
    agent: null,
    model: null,
    ...change,
  };
}

export function shipped(name: string): WorkflowDefinition {
  const workflow = findShippedWorkflow(name);
  if (workflow === undefined) throw new Error(`no workflow ${name}`);
  return workflow;
}
