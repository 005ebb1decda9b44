import { setTimeout as sleep } from "node:timers/promises";
import type { RunShape } from "@pullwright/contracts";
import type { DemoAgent } from "./arguments.js";
import { DemoFailed } from "./demo-failed.js";
import { followRun, waitForRun } from "./follow-run.js";
import { readSampleIssue } from "./sample/sample-repository.js";
import { PERSON, type Stage } from "./stage.js";
import { readEvidence } from "./test-evidence.js";
import type { DemoResult } from "./view/result-lines.js";
import type { View } from "./view/view.js";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const RUN_WITHIN_MS = 30 * SECOND_MS;
const READY_WITHIN_MS = 15 * SECOND_MS;
const END_KNOWN_WITHIN_MS = 2 * SECOND_MS;
/** A script needs seconds; a model may think. */
const patienceMs: Readonly<Record<DemoAgent, number>> = {
  scripted: 3 * MINUTE_MS,
  claude: 60 * MINUTE_MS,
  codex: 60 * MINUTE_MS,
};

/** Plays the demo on its stage: an issue is opened and labelled, and becomes a tested pull request. */
export async function playDemo(
  stage: Stage,
  agent: DemoAgent,
  view: View,
  interrupted: AbortSignal,
): Promise<DemoResult> {
  const { github, installation, repository } = stage;
  const { client } = installation;
  const patience = AbortSignal.timeout(patienceMs[agent]);
  const signal = AbortSignal.any([interrupted, installation.failed, patience]);
  const startedAt = performance.now();

  const issue = github.createIssue({
    repo: repository,
    author: PERSON,
    ...(await readSampleIssue()),
  });
  view.note(`issue #${issue.number}: ${issue.title}`);
  github.addLabel(repository, issue.number, "adw", PERSON);
  view.note(`${PERSON}, who may write, labels it "adw"`);

  try {
    const adwId = await waitForRun(
      client,
      repository,
      issue.number,
      AbortSignal.any([signal, AbortSignal.timeout(RUN_WITHIN_MS)]),
    );
    view.note(`run ${adwId}`);
    const run = await followRun(client, adwId, view, signal);
    const number = pullNumberOf(run);
    const pull = await readyPull(stage, number, signal);
    const params = { adw_id: adwId };
    const phases = await client.call("getPhases", { params });
    const log = await client.call("getLogs", {
      params,
      query: { phase: "test" },
    });
    const result: DemoResult = {
      pull: {
        number,
        title: pull.title,
        url: pull.html_url,
        draft: pull.draft,
      },
      patch: await github.diff(repository, pull.base.ref, pull.head.ref),
      planFile: run.plan_file,
      evidence: readEvidence(phases.items, log.entries),
      tookMs: performance.now() - startedAt,
      spentUsd: run.cost.spent_usd,
      agent,
    };
    return result;
  } catch (error) {
    // A connection breaks before the end of the process that held it is known; `fetch` throws a TypeError for it.
    if (error instanceof TypeError)
      await sleep(END_KNOWN_WITHIN_MS, undefined, { signal }).catch(() => {}); // Aborted: it is known.
    throw reasonOf(error, interrupted, installation.failed, agent);
  }
}

/** Throws unless the run has led to a pull request. */
function pullNumberOf(run: RunShape): number {
  if (run.status === "completed" && run.pull_request_number !== null)
    return run.pull_request_number;
  const why =
    run.waiting?.message ??
    run.error_message ??
    run.outcome ??
    "it did not say why";
  throw new DemoFailed(`The run ended ${run.status}: ${why}`);
}

/** The pull request, as soon as it is no draft any more; as it is when that does not happen. */
async function readyPull(
  { github, repository }: Stage,
  number: number,
  signal: AbortSignal,
) {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  for (;;) {
    const pull = await github.getPull(repository, number);
    if (!pull.draft || performance.now() > giveUpAt) return pull;
    await sleep(100, undefined, { signal });
  }
}

/** Why it really failed: an aborted wait says nothing of what aborted it. */
function reasonOf(
  error: unknown,
  interrupted: AbortSignal,
  failed: AbortSignal,
  agent: DemoAgent,
): unknown {
  if (interrupted.aborted) return interrupted.reason;
  if (failed.aborted) return failed.reason;
  const isTimeout =
    error instanceof Error &&
    (error.name === "AbortError" || error.name === "TimeoutError");
  return isTimeout
    ? new DemoFailed(
        `There was no pull request within the time (${patienceMs[agent] / MINUTE_MS} minutes, ${RUN_WITHIN_MS / SECOND_MS} s for the run to begin).`,
      )
    : error;
}
