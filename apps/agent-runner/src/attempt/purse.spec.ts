import { describe, expect, it } from "@jest/globals";
import {
  extend,
  type Amount,
  type BudgetUse,
  type Usage,
} from "@pullwright/domain";
import { Purse, type PurseParts } from "./purse.js";

interface Setting {
  readonly maxUsd?: number | null;
  readonly spentUsd?: number;
  readonly budgetUsd?: number;
  /** So many notes get no answer. */
  readonly unheard?: number;
  /** A shared budget, of which others hold something. */
  readonly shared?: {
    readonly limitUsd?: number;
    readonly limitTokens?: number;
    readonly others: Partial<Amount>;
  };
}

function aPurse(setting: Setting) {
  const run = {
    maxUsd: setting.maxUsd ?? null,
    spentUsd: setting.spentUsd ?? 0,
  };
  const noted: Amount[] = [];
  let asked = 0;
  const { shared } = setting;
  const uses: BudgetUse[] =
    shared === undefined
      ? []
      : [
          {
            budget: {
              id: "day/*/*",
              scope: "day",
              key: "*",
              repository: null,
              origin: "person",
              limitUsd: shared.limitUsd ?? null,
              limitTokens: shared.limitTokens ?? null,
            },
            spent: { usd: 0, tokens: 0 },
            reserved: { usd: 0, tokens: 0, ...shared.others },
          },
        ];
  const held = { usd: 1, tokens: 0 };
  const reservation =
    shared === undefined ? null : extend(uses, held, { usd: 0, tokens: 0 });
  const parts = {
    claimed: {
      run: {
        state: { limits: { maxUsd: run.maxUsd }, spentUsd: run.spentUsd },
      },
      phase: {
        definition:
          setting.budgetUsd === undefined
            ? {}
            : { budgetUsd: setting.budgetUsd },
      },
      reservation,
    },
    ask: () => {
      asked += 1;
      return Promise.resolve({
        kind: "held",
        cancelRequested: false,
        ...run,
      });
    },
    note: (taken: Amount) => {
      noted.push(taken);
      const isHeard = noted.length > (setting.unheard ?? 0);
      return Promise.resolve(isHeard ? extend(uses, held, taken) : null);
    },
  } as unknown as PurseParts; // Of run and phase only what the purse reads.
  return {
    purse: new Purse(parts),
    run,
    noted,
    get asked() {
      return asked;
    },
  };
}

const dollars = (usd: number): Amount => ({ usd, tokens: 10 });

describe("a purse", () => {
  it("is broke as soon as the run's money is spent, over all turns together", async () => {
    const { purse } = aPurse({ maxUsd: 5, spentUsd: 2 });
    expect(purse.leftUsd).toBe(3);
    expect(await purse.take(dollars(2))).toBe(true);
    await purse.endTurn(null);
    expect(purse.leftUsd).toBe(1);
    expect(await purse.take(dollars(1.5))).toBe(false);
    expect(purse.broke?.message).toBe(
      "The run spent $5.50 of its $5.00; add money to go on, such as `/continue +5`.",
    );
    expect(purse.broke?.budgetId).toBeUndefined();
  });

  it("goes on with money that was added during the turn", async () => {
    const sut = aPurse({ maxUsd: 1 });
    sut.run.maxUsd = 6;
    expect(await sut.purse.take(dollars(1.5))).toBe(true);
    expect(await sut.purse.take(dollars(5.5))).toBe(true);
    expect(sut.asked).toBe(1);
    expect(await sut.purse.take(dollars(6.5))).toBe(false);
  });

  it("knows a limit that a heartbeat brought", async () => {
    const sut = aPurse({ maxUsd: 1 });
    sut.purse.hear({
      kind: "held",
      cancelRequested: false,
      maxUsd: 3,
      spentUsd: 0,
    });
    expect(sut.purse.leftUsd).toBe(3);
    expect(await sut.purse.take(dollars(2))).toBe(true);
    expect(sut.asked).toBe(0);
  });

  it("keeps to what the phase may cost", async () => {
    const { purse } = aPurse({ maxUsd: 50, budgetUsd: 2 });
    expect(purse.leftUsd).toBe(2);
    expect(await purse.take(dollars(2.5))).toBe(false);
    expect(purse.broke?.message).toMatch(/may cost \$2\.00 and took \$2\.50/);
  });

  it("has its reservation grow, until others have the rest of a shared budget", async () => {
    const { purse, noted } = aPurse({
      shared: { limitUsd: 10, others: { usd: 6 } },
    });
    expect(purse.leftUsd).toBe(4);
    expect(await purse.take(dollars(0.9))).toBe(true);
    expect(noted).toEqual([]);
    expect(await purse.take(dollars(2))).toBe(true);
    expect(await purse.take(dollars(2.5))).toBe(true);
    expect(noted).toEqual([dollars(2)]);
    expect(await purse.take(dollars(4.5))).toBe(false);
    expect(purse.broke).toMatchObject({ budgetId: "day/*/*" });
  });

  it("keeps to the tokens of a shared budget while the agent works", async () => {
    const { purse, noted } = aPurse({
      shared: { limitTokens: 1_000, others: { tokens: 600 } },
    });
    const tokens = (count: number): Amount => ({ usd: 0, tokens: count });
    expect(purse.leftUsd).toBeNull();
    expect(await purse.take(tokens(300))).toBe(true);
    expect(noted).toEqual([tokens(300)]);
    expect(await purse.take(tokens(400))).toBe(true);
    expect(await purse.take(tokens(401))).toBe(false);
    expect(purse.broke).toMatchObject({
      budgetId: "day/*/*",
      message: expect.stringContaining("tokens"),
    });
  });

  it("leaves word of what was taken, once, for whoever finds the attempt lost", async () => {
    const { purse, noted } = aPurse({});
    await purse.note();
    expect(purse.isNoted).toBe(false);
    await purse.take(dollars(0.5));
    await purse.note();
    await purse.note();
    expect(noted).toEqual([dollars(0.5)]);
    expect(purse.isNoted).toBe(true);
    expect(purse.usage).toMatchObject({ costUsd: 0.5, inputTokens: 10 });
  });

  const costing = (costUsd: number): Usage => ({
    inputTokens: 8,
    outputTokens: 2,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd,
  });

  it("leaves word of what a turn took as soon as it is over, also where only its end told that", async () => {
    const { purse, noted } = aPurse({});
    await purse.endTurn(costing(0.7));
    expect(noted).toEqual([dollars(0.7)]);
    expect(purse.isNoted).toBe(true);
    await purse.take(dollars(0.5));
    await purse.note();
    await purse.endTurn(costing(0.5));
    expect(noted).toEqual([dollars(0.7), { usd: 1.2, tokens: 20 }]);
  });

  it("has nothing to say of turns that took nothing", async () => {
    const { purse, noted } = aPurse({});
    await purse.endTurn(null);
    await purse.note();
    expect(noted).toEqual([]);
    expect(purse.isNoted).toBe(false);
  });

  it("says again with the next heartbeat what nobody has heard", async () => {
    const { purse, noted } = aPurse({ unheard: 1 });
    await purse.endTurn(costing(0.7));
    await purse.note();
    await purse.note();
    expect(noted).toEqual([dollars(0.7), dollars(0.7)]);
  });
});
