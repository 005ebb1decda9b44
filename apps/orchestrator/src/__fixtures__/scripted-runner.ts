import type { PhaseResult, TestEvidence } from "@pullwright/domain";
import type { LoadedRun } from "@pullwright/persistence";
import { repo, type Orchestration } from "./orchestration.js";

const LEASE_MS = 60_000;

/** What one phase leaves: files on the run's branch, a result. */
export interface ScriptedPhase {
  readonly files?: Readonly<Record<string, string>>;
  readonly result?: Partial<PhaseResult> | ((headSha: string) => PhaseResult);
}

const usage = { inputTokens: 100, outputTokens: 20, cacheReadTokens: 0, cacheWriteTokens: 0, costUsd: 0.25 };

/** Plays the runner for the queued phase of a run: commits to the local GitHub as its push would, and records the result. */
export async function playPhase(sut: Orchestration, runId: string, script: ScriptedPhase = {}): Promise<LoadedRun> {
  const run = await sut.run(runId);
  const queued = run.phaseRows.find(({ status }) => status === "queued");
  if (queued === undefined) throw new Error(`run ${run.adwId} is ${run.state.status}, nothing is queued`);
  const { stores, announce } = sut.runtime;
  const claim = await stores.attempts.claim({ phaseRunId: queued.id, owner: "runner-1", leaseMs: LEASE_MS });
  if (claim === null) throw new Error("the phase was not claimed");
  await announce(claim.announce);
  const { definition } = claim.phase;
  const files = script.files ?? defaultFiles(definition.writes, claim.phase.round);
  const commitSha =
    files === undefined
      ? undefined
      : await sut.github.commitFiles(repo, run.branch, files, { author: "acme", message: `${definition.name}\n\nRun: ${run.adwId}` });
  const headSha = commitSha ?? claim.run.state.headSha ?? "";
  const base = {
    outcome: "succeeded",
    summary: `The phase ${definition.name} is done.`,
    usage: definition.kind === "agent" ? usage : null,
    ...(commitSha === undefined ? {} : { commitSha }),
    ...(definition.name === "plan" ? { planFile: "specs/plan.md", handoff: { contentMd: "# Plan\n\nRound the totals.", metadata: {} } } : {}),
    ...(definition.name === "test" ? { tests: evidence(headSha) } : {}),
  } as const;
  const result =
    typeof script.result === "function" ? script.result(headSha) : ({ ...base, ...script.result } as PhaseResult);
  const answer = await stores.attempts.finish(claim.attempt, result, commitSha === undefined ? {} : { pushedSha: commitSha });
  if (answer.kind !== "applied") throw new Error(`the result was ${answer.kind}`);
  await announce(answer);
  return sut.run(runId);
}

/** Plays a run up to its first build, which is refused: its head is the plan's commit then, also when the build is retried. */
export async function playToRefusedBuild(sut: Orchestration, runId: string): Promise<LoadedRun> {
  await playPhase(sut, runId); // classify
  await playPhase(sut, runId); // plan
  return playPhase(sut, runId, {
    files: {},
    result: () => ({ outcome: "failed", failureClass: "policy", message: "It wrote what it must not.", summary: "", usage: null }),
  });
}

/** Plays every phase that a runner does, until publishing or the end. */
export async function playAll(sut: Orchestration, runId: string): Promise<LoadedRun> {
  for (let run = await sut.run(runId); ; run = await playPhase(sut, runId))
    if (!run.phaseRows.some(({ status }) => status === "queued")) return run;
}

export function evidence(headSha: string, change: Partial<TestEvidence> = {}): TestEvidence {
  return {
    tested: true,
    commands: [{ command: ["npm", "test"], kind: "test", exitCode: 0, durationMs: 1_234, outputTail: "12 passed" }],
    changedTestFiles: ["test/totals.test.js"],
    baseFailed: false,
    headSha,
    ...change,
  };
}

function defaultFiles(writes: string, round: number): Record<string, string> | undefined {
  if (writes === "plan") return { "specs/plan.md": "# Plan\n" };
  return writes === "code" ? { "src/totals.js": `export const total = ${round};\n` } : undefined;
}
