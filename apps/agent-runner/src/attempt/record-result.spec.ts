import { afterEach, beforeEach, expect, it } from "@jest/globals";
import { findShippedWorkflow } from "@pullwright/domain";
import {
  createStores,
  migrate,
  openDatabase,
  toLogBatch,
  type ClaimedPhase,
  type Database,
  type Stores,
} from "@pullwright/persistence";
import { createSilentLogger } from "@pullwright/platform";
import {
  createTestDatabase,
  ensureTemplateDatabase,
  linkTo,
  until,
  type TcpLink,
  type TestDatabase,
} from "@pullwright/testing";
import { Lease } from "./lease.js";
import { recordResult } from "./record-result.js";

const LEASE = { intervalMs: 15_000, timeoutMs: 120_000 };
const claimer = { owner: "runner-1", leaseMs: LEASE.timeoutMs };
/** The time in which an answer is under way. */
const FAR_AWAY_MS = 1_000;

let testDatabase: TestDatabase;
let near: Database;
/** The runner's way to Postgres. */
let far: Database;
let link: TcpLink;
let runner: Stores;
beforeEach(async () => {
  await ensureTemplateDatabase("pullwright_migrated", async (url) => {
    await migrate(url);
  });
  testDatabase = await createTestDatabase({ template: "pullwright_migrated" });
  const wire = await linkTo(testDatabase.url);
  link = wire.link;
  near = await openDatabase({ url: testDatabase.url });
  far = await openDatabase({ url: wire.url });
  runner = createStores(far);
});
afterEach(async () => {
  await far.close();
  await link.close();
  await near.close();
  await testDatabase.drop();
});

async function firstPhase(): Promise<ClaimedPhase> {
  const repository = await runner.repositories.upsert({
    githubId: 42,
    owner: "acme",
    name: "shop",
    defaultBranch: "main",
  });
  const workflow = findShippedWorkflow("adw_plan_build_test");
  if (workflow === undefined) throw new Error("the workflow is gone");
  const made = await runner.creation.create({
    repository,
    baseBranch: "main",
    workflow,
    limits: { maxActiveMs: 3_600_000, maxUsd: 5, maxFixRounds: 3 },
    issueNumber: 1,
    snapshot: { title: "", body: "", labels: [], author: "ada", comments: [] },
    cause: "label:42:1",
    triggeredBy: "ada",
    triggerSource: "label",
    agent: null,
    model: null,
  });
  if (made.kind !== "created") throw new Error(made.kind);
  const phaseRunId = made.run.phaseRows[0]?.id ?? "";
  const claimed = await runner.attempts.claim({ phaseRunId, ...claimer });
  if (claimed === null) throw new Error("not claimed");
  return claimed;
}

it("after an answer that was lost on its way, the phase that came with it is not left without a worker", async () => {
  const claimed = await firstPhase();
  const { attempt, run } = claimed;
  link.slow(FAR_AWAY_MS);
  const recording = recordResult(
    claimed,
    {
      result: { outcome: "succeeded", summary: "done", usage: null },
      lastLines: toLogBatch([]),
    },
    {
      attempts: runner.attempts,
      lease: new Lease(LEASE),
      claimer: () => Promise.resolve(claimer),
      logger: createSilentLogger(),
    },
  );
  await until(async () => {
    const { rows } = await near.pool.query(
      "SELECT 1 FROM attempts WHERE id = $1 AND status = 'ended'",
      [attempt.attemptId],
    );
    return rows.length === 1;
  }, "the result was not recorded");
  await link.cut();
  link.slow(0);
  await link.restore();

  expect(await recording).toMatchObject({ kind: "applied", next: null });
  const { rows } = await near.pool.query(
    `SELECT phase, status, infrastructure_losses FROM phase_runs
      WHERE workflow_run_id = $1 AND status <> 'pending' ORDER BY position`,
    [run.id],
  );
  expect(rows).toEqual([
    { phase: "classify", status: "succeeded", infrastructure_losses: 0 },
    { phase: "plan", status: "queued", infrastructure_losses: 0 },
  ]);
});
