import { describe, expect, it } from "@jest/globals";
import fc from "fast-check";
import type { Budget, BudgetUse } from "./budget.js";
import { extend, reserve } from "./reserve.js";

const nothing = { usd: 0, tokens: 0 };

function use(
  budget: Partial<Budget>,
  spent: Partial<typeof nothing> = {},
  reserved: Partial<typeof nothing> = {},
): BudgetUse {
  return {
    budget: {
      id: "day/*/*",
      scope: "day",
      key: "*",
      repository: null,
      origin: "person",
      limitUsd: null,
      limitTokens: null,
      ...budget,
    },
    spent: { ...nothing, ...spent },
    reserved: { ...nothing, ...reserved },
  };
}

const dollar = { usd: 1, tokens: 0 };

describe("a reservation", () => {
  it("takes what is expected and says how much there is", () => {
    const uses = [
      use({ limitUsd: 10 }, { usd: 4 }, { usd: 2 }),
      use({ limitUsd: 100 }),
    ];
    expect(reserve(uses, dollar)).toEqual({
      kind: "reserved",
      amount: dollar,
      room: { usd: 4, tokens: null },
    });
  });

  it("is refused with the sums when one budget has less than is expected", () => {
    const label = {
      id: "label/r/urgent",
      scope: "label",
      key: "urgent",
      repository: "acme/shop",
      origin: "person",
      limitUsd: 10,
    } as const;
    expect(
      reserve(
        [use({ limitUsd: 50 }), use(label, { usd: 8.2 }, { usd: 1 })],
        dollar,
      ),
    ).toEqual({
      kind: "refused",
      breach: {
        budgetId: "label/r/urgent",
        message:
          "The budget of $10.00 for the label urgent of acme/shop has no room: $8.20 spent, $1.00 reserved by what runs, $1.00 wanted. The run goes on by itself once there is room, such as when the budget is raised.",
      },
    });
  });

  it.each([
    [{ origin: "person" }, "the budget is raised or the day is over (UTC)"],
    [
      { origin: "configuration" },
      "MAX_DAY_USD is raised or the day is over (UTC)",
    ],
    [
      { origin: "policy" },
      "max_day_usd of the repository's policy is raised or the day is over (UTC)",
    ],
    [
      { origin: "policy", scope: "work_item" },
      "max_work_item_usd of the repository's policy is raised",
    ],
  ] as const)("of %j says what lets the run go on", (budget, wayOut) => {
    const answer = reserve([use({ limitUsd: 0, ...budget })], dollar);
    if (answer.kind !== "refused") throw new Error(answer.kind);
    expect(answer.breach.message).toContain(
      `once there is room, such as when ${wayOut}.`,
    );
  });

  it("asks a budget that is smaller than expected for no more than its whole limit", () => {
    expect(reserve([use({ limitUsd: 0.3 })], dollar)).toMatchObject({
      kind: "reserved",
      amount: { usd: 0.3 },
    });
    expect(reserve([use({ limitUsd: 0 })], dollar).kind).toBe("refused");
    expect(reserve([use({ limitUsd: 0.3 }, { usd: 0.01 })], dollar).kind).toBe(
      "refused",
    );
  });

  it("needs tokens where tokens are limited, also when none are expected", () => {
    const expected = { usd: 1, tokens: 500 };
    const limitTokens = 1_000;
    expect(reserve([use({ limitTokens })], expected)).toMatchObject({
      amount: { usd: 1, tokens: 500 },
      room: { usd: null, tokens: 1_000 },
    });
    expect(
      reserve([use({ limitTokens }, { tokens: 501 })], expected).kind,
    ).toBe("refused");
    expect(
      reserve([use({ limitTokens }, { tokens: 1_000 })], nothing).kind,
    ).toBe("refused");
  });
});

describe("a reservation that an attempt has used up", () => {
  it("grows with what it took, as far as others leave room", () => {
    const uses = [use({ limitUsd: 10 }, { usd: 4 }, { usd: 2 })];
    const taken = { usd: 2, tokens: 0 };
    expect(extend(uses, dollar, taken)).toMatchObject({ amount: { usd: 3 } });
    expect(extend(uses, dollar, { usd: 3.9, tokens: 0 })).toMatchObject({
      amount: { usd: 4 },
    });
    expect(extend(uses, dollar, { usd: 4.1, tokens: 0 }).kind).toBe("refused");
  });

  it("stays as it is while less is taken", () => {
    expect(
      extend([use({ limitUsd: 10 })], dollar, { usd: 0.4, tokens: 9 }),
    ).toMatchObject({ amount: { usd: 1 } });
  });
});

it("whatever is asked in whatever order, what is reserved never passes the limit", () => {
  const amount = fc.double({ min: 0, max: 5, noNaN: true });
  const limit = fc.double({ min: 0, max: 20, noNaN: true });
  fc.assert(
    fc.property(
      limit,
      fc.array(fc.record({ usd: amount, more: amount }), { maxLength: 40 }),
      (limitUsd, phases) => {
        const held: number[] = [];
        const others = (but: number) =>
          held.reduce((sum, one, at) => (at === but ? sum : sum + one), 0);
        for (const { usd, more } of phases) {
          const now = [use({ limitUsd }, {}, { usd: others(-1) })];
          const answer = reserve(now, { usd, tokens: 0 });
          if (answer.kind === "refused") continue;
          const at = held.push(answer.amount.usd) - 1;
          const rest = [use({ limitUsd }, {}, { usd: others(at) })];
          const taken = { usd: more, tokens: 0 };
          const grown = extend(rest, answer.amount, taken);
          if (grown.kind === "reserved") held[at] = grown.amount.usd;
          expect(others(-1)).toBeLessThanOrEqual(limitUsd + 1e-5);
        }
      },
    ),
  );
});
