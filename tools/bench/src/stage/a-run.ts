import type { WorkflowDefinition } from "@pullwright/domain";
import type { ClaimedPhase, LoadedRun, Stores } from "@pullwright/persistence";

/** Long enough for any bench. */
const LEASE_MS = 3_600_000;

const idle: WorkflowDefinition = {
  name: "bench_idle",
  version: 1,
  description: "One phase that goes on until the bench ends.",
  start: "base",
  phases: [
    {
      name: "talk",
      kind: "agent",
      writes: "nothing",
      timeoutMinutes: 60,
      stallMinutes: 60,
    },
  ],
};

let made = 0;

/** A run of one phase, or of the given workflow; it may cost what it likes unless told. */
export async function aRun(
  stores: Stores,
  workflow: WorkflowDefinition = idle,
  maxUsd: number | null = null,
): Promise<LoadedRun> {
  const repository = await stores.repositories.upsert({
    githubId: 1,
    owner: "acme",
    name: "shop",
    defaultBranch: "main",
  });
  made += 1;
  const answer = await stores.creation.create({
    repository,
    baseBranch: "main",
    workflow,
    limits: { maxActiveMs: LEASE_MS, maxUsd, maxFixRounds: 3 },
    issueNumber: made,
    snapshot: {
      title: "Totals are wrong",
      body: "Off by one cent.",
      labels: [],
      author: "ada",
      comments: [],
    },
    cause: `label:1:${made.toString()}`,
    triggeredBy: "ada",
    triggerSource: "label",
    agent: null,
    model: null,
  });
  if (answer.kind !== "created")
    throw new Error(`The run was not made: ${answer.kind}`);
  return answer.run;
}

/** A run whose only phase we hold. */
export async function aClaimedPhase(stores: Stores): Promise<ClaimedPhase> {
  const run = await aRun(stores);
  const claimed = await stores.attempts.claim({
    phaseRunId: run.phaseRows[0]?.id ?? "",
    owner: "bench",
    leaseMs: LEASE_MS,
  });
  if (claimed === null) throw new Error("The phase could not be claimed.");
  return claimed;
}
