import { afterAll, beforeAll, expect, it } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import type { LoadedRun } from "./run-record.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

/** A transition that shows in the status comment. */
async function change(run: LoadedRun) {
  const { announce } = await sut.claimed(run);
  return announce.doorbells;
}

async function statusComment(runId: string) {
  const { rows } = await sut.database.pool.query<{
    id: string;
    desired_rev: number;
    status: string;
    rung: boolean;
  }>(
    "SELECT id, desired_rev, status, rung_at IS NOT NULL AS rung FROM effects WHERE workflow_run_id = $1 AND kind = 'status_comment'",
    [runId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("no status comment is desired");
  return row;
}

/** From the last write to the first moment of the next one, on the database's clock. */
async function secondsToNextWrite(id: string) {
  const { rows } = await sut.database.pool.query<{ seconds: number }>(
    "SELECT extract(epoch FROM next_at - applied_at)::float8 AS seconds FROM effects WHERE id = $1",
    [id],
  );
  return rows[0]?.seconds;
}

it("an effect that nobody has begun yet needs no second ring", async () => {
  const run = await sut.createRun();
  const before = await statusComment(run.id);
  const rings = await change(run);
  expect(await statusComment(run.id)).toEqual(before);
  expect(JSON.stringify(rings)).not.toContain(before.id);
});

it("an effect whose ring may be lost is rung again", async () => {
  const run = await sut.createRun();
  const { id, desired_rev: rev } = await statusComment(run.id);
  await sut.database.pool.query(
    "UPDATE effects SET rung_at = now() - interval '1 minute' WHERE id = $1",
    [id],
  );
  const rings = await change(run);
  expect(rings).toContainEqual({
    name: "effect.due",
    payload: { v: 1, effectId: id, rev: rev + 1 },
  });
});

it("an effect that was begun before the change is due again after it", async () => {
  const run = await sut.createRun();
  const { id } = await statusComment(run.id);
  const begun = await sut.stores.effects.claim(id, "orchestrator-1", 60_000);
  if (begun === null) throw new Error("not begun");
  await change(run);
  await sut.stores.effects.complete(begun);
  expect(await statusComment(run.id)).toMatchObject({
    status: "intent",
    desired_rev: begun.rev + 1,
  });
  expect(await secondsToNextWrite(id)).toBe(5);
});

it("a target that was just written to is neither rung for nor written to again for five seconds", async () => {
  const { effects } = sut.stores;
  const run = await sut.createRun();
  const { id } = await statusComment(run.id);
  const claim = () => effects.claim(id, "orchestrator-1", 60_000);
  const written = await claim();
  if (written === null) throw new Error("not begun");
  await effects.complete(written);
  const rings = await change(run);
  expect(JSON.stringify(rings)).not.toContain(id);
  expect(await statusComment(run.id)).toMatchObject({
    status: "intent",
    desired_rev: written.rev + 1,
    rung: false,
  });
  expect(await secondsToNextWrite(id)).toBe(5);
  expect(await claim()).toBeNull();
  await sut.database.pool.query(
    "UPDATE effects SET next_at = next_at - interval '5 seconds' WHERE id = $1",
    [id],
  );
  expect(await claim()).toMatchObject({ rev: written.rev + 1 });
});

it("a claim that was long on its way is held for less", async () => {
  const { effects } = sut.stores;
  const [bell] = await effects.reply({
    repositoryId: sut.repository.id,
    issueNumber: 1,
    key: "a",
    body: "hello",
  });
  if (bell?.name !== "effect.due") throw new Error("Nothing rings.");
  const claiming = effects.claim(bell.payload.effectId, "me", 5_000);
  // The answer comes, and this process is busy with something else.
  const busyUntil = performance.now() + 500;
  while (performance.now() < busyUntil);
  const claimed = await claiming;
  expect(claimed?.leaseLeftMs()).toBeLessThan(4_700);
  expect(claimed?.leaseLeftMs()).toBeGreaterThan(0);
});
