import { afterEach, beforeEach, expect, test } from "@jest/globals";
import {
  aTrigger,
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";

let sut: StoresUnderTest;
beforeEach(async () => {
  sut = await storesOnAClone();
});
afterEach(() => sut.close());

const by = { actor: "ada", source: "api" } as const;

async function aRun(requestSha256?: string) {
  const request = aTrigger(sut.repository, {
    ...(requestSha256 === undefined ? {} : { requestSha256 }),
  });
  const answer = await sut.stores.creation.create(request);
  if (answer.kind !== "created") throw new Error(answer.kind);
  return { cause: request.cause, runId: answer.run.id };
}

test("a cause tells what was asked under it, and nothing where nobody said", async () => {
  const asked = await aRun("abc");
  const silent = await aRun();
  const find = (cause: string) => sut.stores.causes.find(cause);
  expect(await find(asked.cause)).toEqual({
    runId: asked.runId,
    requestSha256: "abc",
  });
  expect(await find(silent.cause)).toEqual({
    runId: silent.runId,
    requestSha256: null,
  });
  expect(await find("unknown")).toBeNull();
});

test("a command's cause tells the same", async () => {
  const { runId } = await aRun();
  await sut.stores.transitions.apply(runId, {
    event: { type: "cancel_requested", by: "ada", reason: null },
    by: { actor: "ada", cause: "api:1:cancel", requestSha256: "def" },
  });
  expect(await sut.stores.causes.find("api:1:cancel")).toEqual({
    runId,
    requestSha256: "def",
  });
});

test("it tells so still when the run is deleted and its history is forgotten", async () => {
  const { cause, runId } = await aRun("abc");
  const { pool } = sut.database;
  await pool.query("UPDATE workflow_runs SET status = 'failed'");
  await sut.stores.runQueries.delete(runId, by);
  await pool.query(
    "BEGIN; SET LOCAL pullwright.retention = 'on'; UPDATE run_events SET created_at = now() - interval '9 days'; COMMIT",
  );
  await sut.stores.retention.sweep(
    {
      logDays: 0,
      transcriptDays: 0,
      deliveryDays: 0,
      runDays: 0,
      auditDays: 5,
    },
    by,
    new AbortController().signal,
  );
  const { rows } = await pool.query("SELECT actor, payload FROM run_events");
  expect(rows).toEqual([{ actor: "", payload: {} }]);
  expect(await sut.stores.causes.find(cause)).toEqual({
    runId,
    requestSha256: "abc",
  });
});
