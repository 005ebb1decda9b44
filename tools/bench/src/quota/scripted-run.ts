import type { PhaseResult } from "@pullwright/domain";
import type { LocalGitHub } from "@pullwright/local-github";
import type { ClaimedPhase, FinishAnswer } from "@pullwright/persistence";
import { sleep } from "@pullwright/platform";
import type { Runtime } from "@pullwright/runtime";

const LEASE_MS = 600_000;
const PATIENCE_MS = 120_000;
const usage = {
  inputTokens: 100,
  outputTokens: 20,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  costUsd: 0.25,
};

/** Plays a run's runner: commits what each phase leaves and gives GitHub's side the time to show every step. */
export async function playRun(
  runtime: Runtime,
  github: LocalGitHub,
  runId: string,
  /** Resolves when what the last step caused has been written and polled. */
  shown: () => Promise<void>,
): Promise<void> {
  const { stores } = runtime;
  const giveUpAt = performance.now() + PATIENCE_MS;
  while (performance.now() < giveUpAt) {
    await shown();
    const run = await stores.runs.byId(runId);
    if (run === null) throw new Error("the run is gone");
    if (run.state.endedAt !== null) {
      if (run.state.status === "completed") return;
      throw new Error(`the run is ${run.state.status}`);
    }
    const queued = run.phaseRows.find(({ status }) => status === "queued");
    if (queued === undefined) {
      await sleep(50); // It is being published.
      continue;
    }
    const claimer = { owner: "bench", leaseMs: LEASE_MS };
    let claimed = await stores.attempts.claim({
      phaseRunId: queued.id,
      ...claimer,
    });
    // A runner stays with its run: a phase's end and the next one's beginning are one change to be shown.
    while (claimed !== null) {
      await runtime.announce(claimed.announce);
      await shown();
      const { result, pushedSha } = await work(github, claimed);
      const answer: FinishAnswer = await stores.attempts.finish(
        claimed.attempt,
        result,
        pushedSha === undefined ? {} : { pushedSha },
        undefined,
        { ...claimer, workItem: claimed.workItem },
      );
      if (answer.kind !== "applied") throw new Error(`refused: ${answer.kind}`);
      await runtime.announce(answer);
      claimed = answer.next;
    }
  }
  throw new Error("the run did not end");
}

/** What a phase leaves: a commit where it writes, evidence where it tests. */
async function work(
  github: LocalGitHub,
  { run, phase }: ClaimedPhase,
): Promise<{ readonly result: PhaseResult; readonly pushedSha?: string }> {
  const { definition } = phase;
  const files = {
    nothing: undefined,
    plan: { "specs/plan.md": "# Plan\n" },
    code: { "src/totals.js": "export const total = 1;\n" },
  }[definition.writes];
  const { owner, name } = run.repository;
  const sha =
    files === undefined
      ? undefined
      : await github.commitFiles(`${owner}/${name}`, run.branch, files, {
          author: owner,
          message: definition.name,
        });
  const result: PhaseResult = {
    outcome: "succeeded",
    summary: `The phase ${definition.name} is done.`,
    usage: definition.kind === "agent" ? usage : null,
    ...(sha === undefined ? {} : { commitSha: sha }),
    ...(definition.writes === "plan"
      ? {
          planFile: "specs/plan.md",
          handoff: { contentMd: "# Plan", metadata: {} },
        }
      : {}),
    ...(definition.name === "test"
      ? {
          tests: {
            tested: true,
            commands: [],
            changedTestFiles: [],
            baseFailed: false,
            headSha: sha ?? run.state.headSha ?? "",
          },
        }
      : {}),
  };
  return { result, ...(sha === undefined ? {} : { pushedSha: sha }) };
}
