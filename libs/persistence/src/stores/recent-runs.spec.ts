import { afterAll, beforeAll, expect, it } from "@jest/globals";
import type { PhaseResult } from "@pullwright/domain";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { Database, Statement } from "../database.js";
import { createStores, type Stores } from "./stores.js";

const succeeded: PhaseResult = {
  outcome: "succeeded",
  summary: "",
  usage: null,
};

let sut: StoresUnderTest;
/** Stores of another process: they remember nothing of what ours did. */
let others: Stores;
/** The names of the statements that ours made. */
let asked: string[] = [];
let ours: Stores;

beforeAll(async () => {
  sut = await storesOnAClone();
  others = createStores(sut.database);
  const { database } = sut;
  ours = createStores({
    pool: database.pool,
    query: (statement: Statement, values: readonly unknown[]) => {
      asked.push(statement.name);
      return database.query(statement, values);
    },
  } as unknown as Database); // Stores use nothing else.
});
afterAll(() => sut.close());

const claim = (stores: Stores, phaseRunId: string, owner = "ours") =>
  stores.attempts.claim({ phaseRunId, owner, leaseMs: 60_000 });

/** A run whose first phase ours have just finished; gives the ids of run and next phase. */
async function afterFirstPhase() {
  const run = await sut.createRun();
  const first = await claim(ours, run.phaseRows[0]?.id ?? "");
  if (first === null) throw new Error("not claimed");
  const finished = await ours.attempts.finish(first.attempt, succeeded);
  if (finished.kind !== "applied") throw new Error(finished.kind);
  asked = [];
  return {
    runId: run.id,
    nextPhase: run.phaseRows[1]?.id ?? "",
    first,
  };
}

it("what this process has just written is not read again", async () => {
  const { nextPhase, first } = await afterFirstPhase();
  const second = await claim(ours, nextPhase);
  expect(second).toMatchObject({
    workItem: first.workItem,
    prepared: null,
    phase: { status: "running", fence: 1 },
  });
  expect(asked).toEqual([expect.stringMatching(/^run_save_/)]);
});

it("a phase that another process was faster to claim is not claimed twice", async () => {
  const { nextPhase } = await afterFirstPhase();
  expect(await claim(others, nextPhase, "others")).not.toBeNull();
  expect(await claim(ours, nextPhase)).toBeNull();
  expect(asked).toContain("run_to_claim");
});

it("a cancel that another process took in between is seen", async () => {
  const { nextPhase, runId } = await afterFirstPhase();
  await others.transitions.apply(runId, {
    event: { type: "cancel_requested", by: "ada", reason: null },
    by: { actor: "ada" },
  });
  expect(await claim(ours, nextPhase)).toBeNull();
});

it("times of a run are in order although the database was not asked for its clock", async () => {
  const { nextPhase, runId } = await afterFirstPhase();
  const second = await claim(ours, nextPhase);
  if (second === null) throw new Error("not claimed");
  await ours.attempts.finish(second.attempt, succeeded);
  const run = await others.runs.byId(runId);
  const [first, next] = run?.state.phases ?? [];
  const times = [
    first?.startedAt,
    first?.endedAt,
    next?.startedAt,
    next?.endedAt,
  ].map((time) => time?.getTime() ?? Number.NaN);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  expect(times.at(-1)).toBeLessThanOrEqual(run?.clock.getTime() ?? 0);
});
