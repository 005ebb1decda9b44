import { describe, expect, it } from "@jest/globals";
import {
  agentEventSchema,
  MAX_REPORTED_USD,
  type AgentEvent,
  type AgentFinished,
} from "@pullwright/contracts";
import type { ModelPrices } from "@pullwright/domain";
import { CallLedger } from "./call-ledger.js";

const usage = (costUsd: number | null, more: object = {}): AgentEvent =>
  agentEventSchema.parse({
    type: "usage",
    usage: { input_tokens: 10, output_tokens: 5, cost_usd: costUsd },
    ...more,
  });

const finished = (more: object = {}) =>
  agentEventSchema.parse({
    type: "finished",
    outcome: "succeeded",
    ...more,
  }) as AgentFinished; // It is parsed from one.

const ledger = (prices: ModelPrices = new Map()) =>
  new CallLedger({ prices, agent: "codex", model: "large" });

describe("a turn's calls", () => {
  it("add up while the agent works", () => {
    const sut = ledger();
    sut.add(usage(0.25, { model: "small" }));
    sut.add(usage(0.5));
    sut.add(usage(null));
    expect(sut.spentUsd).toBe(0.75);
    expect(sut.close(finished())).toMatchObject([
      { model: "small", promptTokens: 10, completionTokens: 5, costUsd: 0.25 },
      { model: null, costUsd: 0.5 },
      { costUsd: null },
    ]);
  });

  it("are not counted twice when a total is reported as well", () => {
    const sut = ledger();
    sut.add(usage(0.5));
    sut.add(usage(0.6, { scope: "run" }));
    sut.add(usage(0.4, { scope: "run" }));
    expect(sut.spentUsd).toBe(0.6);
    expect(sut.close(finished())).toHaveLength(1);
  });

  it("are one call where only the end tells what was used", () => {
    const sut = ledger();
    const end = finished({
      outcome: "failed",
      error: { class: "server", message: "no" },
      usage: { input_tokens: 3, output_tokens: 4, cost_usd: 0.1 },
    });
    expect(sut.close(end)).toMatchObject([
      {
        model: "large",
        promptTokens: 3,
        completionTokens: 4,
        status: "failed",
        errorCode: "server",
      },
    ]);
  });

  it("count for no more than can be kept, however much is reported", () => {
    const sut = ledger();
    for (const costUsd of [1e8, 1e300]) sut.add(usage(costUsd));
    expect(sut.spentUsd).toBe(MAX_REPORTED_USD);
    sut.add(usage(1e9, { scope: "run" }));
    expect(sut.spentUsd).toBe(MAX_REPORTED_USD);
    const end = finished({
      usage: {
        input_tokens: Number.MAX_SAFE_INTEGER,
        output_tokens: 1,
        cost_usd: 1e8,
      },
    });
    expect(sut.total(end)).toMatchObject({
      inputTokens: 1e12,
      outputTokens: 1,
      costUsd: MAX_REPORTED_USD,
    });
  });

  it("are none where nothing was reported", () => {
    expect(ledger().close(finished())).toEqual([]);
  });
});

describe("where the agent tells no cost", () => {
  const million = {
    input: 100_000,
    output: 200_000,
    cacheRead: 0,
    cacheWrite: 0,
  };
  const prices: ModelPrices = new Map([
    ["large", million],
    ["small", { ...million, output: 0 }],
  ]);

  it("the prices that are set count, by the model of the call", () => {
    const sut = ledger(prices);
    sut.add(usage(null));
    expect(sut.spentUsd).toBe(2);
    sut.add(usage(null, { model: "small" }));
    expect(sut.spentUsd).toBe(3);
    expect(sut.close(finished())).toMatchObject([
      { costUsd: 2 },
      { model: "small", costUsd: 1 },
    ]);
  });

  it("its total counts by them too, whether or not it came as an event", () => {
    const end = finished({ usage: { input_tokens: 10, output_tokens: 5 } });
    const sut = ledger(prices);
    expect(sut.total(end)).toMatchObject({ inputTokens: 10, costUsd: 2 });
    expect(sut.close(end)).toMatchObject([{ costUsd: 2 }]);
    sut.add(usage(null, { scope: "run" }));
    expect(sut.spentUsd).toBe(2);
    expect(sut.total(finished())).toMatchObject({ costUsd: 2 });
  });

  it("the cost that it tells at its end takes the place of what was estimated", () => {
    const sut = ledger(prices);
    sut.add(usage(null));
    sut.add(usage(null));
    expect(sut.spentUsd).toBe(4);
    sut.add(usage(1.5, { scope: "run" }));
    expect(sut.spentUsd).toBe(1.5);
  });

  it("and no price is set, nothing is made up", () => {
    const sut = ledger();
    sut.add(usage(null));
    const end = finished({ usage: { input_tokens: 10, output_tokens: 5 } });
    expect(sut.spentUsd).toBe(0);
    expect(sut.total(end)).toMatchObject({ outputTokens: 5, costUsd: null });
  });
});
