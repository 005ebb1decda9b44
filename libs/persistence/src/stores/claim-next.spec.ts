import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { PhaseResult } from "@pullwright/domain";
import {
  runner,
  storesOnAClone,
  succeeded,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { ClaimedPhase } from "./attempts.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

const firstPhase = async (): Promise<ClaimedPhase> =>
  sut.claimed(await sut.createRun());

async function finish(
  { attempt, workItem }: ClaimedPhase,
  result: PhaseResult = succeeded,
) {
  const answer = await sut.stores.attempts.finish(
    attempt,
    result,
    {},
    undefined,
    { ...runner, workItem },
  );
  if (answer.kind !== "applied") throw new Error(answer.kind);
  return answer;
}

it("a result brings the run's next phase along, with a lease and an attempt of its own", async () => {
  const first = await firstPhase();
  const answer = await finish(first);
  const { next } = answer;
  expect(next).toMatchObject({
    phase: { status: "running", fence: 1 },
    attempt: { owner: "runner-1", fence: 1, runId: first.run.id },
    workItem: first.workItem,
    prepared: null,
  });
  expect(next?.attempt.attemptId).not.toBe(first.attempt.attemptId);
  expect(
    answer.doorbells.filter(({ name }) => name === "phase.queued"),
  ).toEqual([]);
  if (next === null) return;
  expect(await sut.stores.attempts.heartbeat(next.attempt, 60_000)).toEqual(
    expect.objectContaining({ kind: "held" }),
  );
  const { rows } = await sut.database.pool.query(
    "SELECT type, payload ->> 'phase' AS phase FROM run_events WHERE workflow_run_id = $1 ORDER BY seq",
    [first.run.id],
  );
  expect(rows.slice(-2)).toEqual([
    { type: "phase_finished", phase: first.phase.definition.name },
    { type: "phase_claimed", phase: next.phase.definition.name },
  ]);
});

it("every phase of a run can be reached so, and publishing is left to the effects", async () => {
  let claimed: ClaimedPhase | null = await firstPhase();
  const names: string[] = [];
  const runId = claimed.run.id;
  while (claimed !== null) {
    names.push(claimed.phase.definition.name);
    claimed = (await finish(claimed)).next;
  }
  expect(names).toEqual(["classify", "plan", "build", "test"]);
  const run = await sut.stores.runs.byId(runId);
  expect(run?.state.phases.at(-1)).toMatchObject({
    definition: { name: "publish" },
    status: "running",
  });
});

it("a phase that backs off is left to the queue", async () => {
  const first = await firstPhase();
  const answer = await finish(first, {
    ...succeeded,
    outcome: "failed",
    failureClass: "transient",
    message: "a hiccup",
  });
  expect(answer.next).toBeNull();
  expect(answer.run.state.phases[0]).toMatchObject({
    status: "queued",
    fence: 1,
  });
});

it("a run that was cancelled meanwhile goes no further", async () => {
  const first = await firstPhase();
  await sut.stores.transitions.apply(first.run.id, {
    event: { type: "cancel_requested", by: "ada", reason: null },
    by: { actor: "ada" },
  });
  const answer = await finish(first);
  expect(answer.next).toBeNull();
  expect(answer.run.state.status).toBe("cancelled");
});

it("a new round of build after a failed test is claimed like any other phase", async () => {
  let claimed = await firstPhase();
  while (claimed.phase.definition.name !== "test") {
    const { next } = await finish(claimed);
    if (next === null) throw new Error("no next phase");
    claimed = next;
  }
  const { next } = await finish(claimed, {
    ...succeeded,
    outcome: "failed",
    failureClass: "tests_failed",
    message: "2 tests failed",
  });
  expect(next?.phase).toMatchObject({
    definition: { name: "build" },
    round: 2,
    status: "running",
  });
});
