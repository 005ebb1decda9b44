import { createTestDatabase, ensureTemplateDatabase, type TestDatabase } from "@pullwright/testing";
import { findShippedWorkflow, type WorkflowDefinition } from "@pullwright/domain";
import { migrate } from "../migrate.js";
import { openDatabase, type Database } from "../database.js";
import { createStores, type Stores } from "../stores/stores.js";
import type { Repository } from "../stores/repositories.js";
import type { CreateRun } from "../stores/run-creation.js";

export interface StoresUnderTest {
  readonly database: Database;
  readonly stores: Stores;
  readonly repository: Repository;
  readonly url: string;
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
  return {
    database,
    stores,
    repository,
    url: testDatabase.url,
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
