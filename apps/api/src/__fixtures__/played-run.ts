import type { PhaseResult } from "@pullwright/domain";
import type { ClaimedPhase } from "@pullwright/persistence";
import { call } from "./call.js";
import { repo, type ApiUnderTest } from "./running-api.js";

const LEASE_MS = 60_000;

/** Triggers a run on a new issue; returns its adw_id. */
export async function trigger(api: ApiUnderTest, workflow = "adw_plan_build_test"): Promise<string> {
  const { body } = await call(api, "triggerWorkflow", { body: { issue_number: newIssue(api), workflow, repository: repo } });
  return body.adw_id;
}

export function newIssue(api: ApiUnderTest): number {
  return api.github.createIssue({
    repo,
    title: "Totals are wrong",
    body: "Off by one cent.",
    labels: ["bug"],
    author: "ada",
  }).number;
}

/** Claims the queued phase of a run, as a runner does, for an agent if one is named. */
export async function claim(api: ApiUnderTest, adwId: string, agent?: string, model: string | null = null, credential: string | null = null): Promise<ClaimedPhase> {
  const { stores, announce } = api.runtime;
  const run = await stores.runs.byAdwId(adwId);
  const queued = run?.phaseRows.find(({ status }) => status === "queued");
  if (queued === undefined) throw new Error(`nothing of ${adwId} is queued`);
  const workers = agent === undefined ? {} : { workersOf: () => [{ agent, model, credential }] };
  const claimed = await stores.attempts.claim({ phaseRunId: queued.id, owner: "runner-1", leaseMs: LEASE_MS, ...workers });
  if (claimed === null) throw new Error("the phase was not claimed");
  await announce(claimed.announce);
  return claimed;
}

/** Writes lines to the log, as a runner does while its agent speaks. */
export async function say(api: ApiUnderTest, adwId: string, claimed: ClaimedPhase, messages: readonly string[]): Promise<void> {
  const event = await api.runtime.stores.logs.append(
    { ...claimed.attempt, adwId, phase: claimed.phase.definition.name },
    messages.map((message) => ({ at: new Date(), level: "INFO", message })),
  );
  if (event === null) throw new Error("the lines were not written");
  api.runtime.queues.publish(event);
}

export const success: PhaseResult = { outcome: "succeeded", summary: "Done.", usage: null };

export async function finish(api: ApiUnderTest, claimed: ClaimedPhase, result: PhaseResult = success): Promise<void> {
  const answer = await api.runtime.stores.attempts.finish(claimed.attempt, result);
  if (answer.kind !== "applied") throw new Error(`the result was ${answer.kind}`);
  await api.runtime.announce(answer);
}

/** Ends the run's current phase in a failure that nothing follows. */
export async function fail(api: ApiUnderTest, adwId: string): Promise<void> {
  await finish(api, await claim(api, adwId), {
    outcome: "failed",
    failureClass: "policy",
    message: "A protected path was changed.",
    summary: "It touched a workflow.",
    usage: null,
  });
}
