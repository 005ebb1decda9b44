import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { setTimeout as sleep } from "node:timers/promises";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";

let sut: StoresUnderTest;
beforeEach(async () => {
  sut = await storesOnAClone();
});
afterEach(() => sut.close());

const token = "token:0123456789ab";
const pace = { burst: 20, refillMs: 1_000 };
const take = (holdMs = 60_000, credential = token) =>
  sut.stores.githubQuota.takeWriteTurn(credential, pace, holdMs);
const giveBack = (fence: number) =>
  sut.stores.githubQuota.giveWriteTurnBack(token, fence);

describe("the turn to write", () => {
  it("is one process's until it gives it back, and another credential's is another one", async () => {
    expect(await take()).toEqual({ kind: "taken", fence: 1 });
    expect(await take()).toEqual({ kind: "later", inMs: 0 });
    expect(await take(60_000, "installation:1")).toMatchObject({
      kind: "taken",
    });
    await giveBack(1);
    expect(await take()).toEqual({ kind: "taken", fence: 2 });
  });

  it("tells who gives it back whether somebody has asked since", async () => {
    await take();
    await take();
    expect(await giveBack(1)).toBe(true);
    await take();
    expect(await giveBack(2)).toBe(false);
  });

  it("is over when its time is, and then gives nobody else's back", async () => {
    await take(50);
    await sleep(100);
    expect(await take()).toEqual({ kind: "taken", fence: 2 });
    expect(await giveBack(1)).toBe(false);
    expect(await take()).toMatchObject({ kind: "later" });
  });

  it("of two that ask at once is one's", async () => {
    const turns = await Promise.all([1, 2, 3, 4].map(() => take()));
    expect(turns.filter(({ kind }) => kind === "taken")).toHaveLength(1);
  });

  it("is as far ahead as the version before has taken turns, and is there for it amid ours", async () => {
    const ofBefore = () =>
      sut.database.pool.query(
        `UPDATE github_quota SET next_write_at = greatest(next_write_at, now() - 19 * interval '1 second') + interval '1 second'
          WHERE credential = $1 AND next_write_at <= now() + interval '15 seconds'`,
        [token],
      );
    await take();
    expect(await ofBefore()).toMatchObject({ rowCount: 1 });
    await giveBack(1);
    for (let nth = 0; nth < 22; nth += 1) await ofBefore();
    const turn = await take();
    if (turn.kind === "taken") throw new Error("The pace allows none.");
    expect(turn.inMs).toBeGreaterThan(1_000);
  });
});
