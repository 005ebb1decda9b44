import { describe, expect, it } from "@jest/globals";
import {
  agentEventSchema,
  type AgentEvent,
  type AgentFinished,
} from "@pullwright/contracts";
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

describe("a turn's calls", () => {
  it("add up while the agent works", () => {
    const sut = new CallLedger();
    sut.add(usage(0.25, { model: "small" }));
    sut.add(usage(0.5));
    sut.add(usage(null));
    expect(sut.spentUsd).toBe(0.75);
    expect(sut.close(finished(), "asked-for")).toMatchObject([
      { model: "small", promptTokens: 10, completionTokens: 5, costUsd: 0.25 },
      { model: null, costUsd: 0.5 },
      { costUsd: null },
    ]);
  });

  it("are not counted twice when a total is reported as well", () => {
    const sut = new CallLedger();
    sut.add(usage(0.5));
    sut.add(usage(0.6, { scope: "run" }));
    sut.add(usage(0.4, { scope: "run" }));
    expect(sut.spentUsd).toBe(0.6);
    expect(sut.close(finished(), null)).toHaveLength(1);
  });

  it("are one call where only the end tells what was used", () => {
    const sut = new CallLedger();
    const end = finished({
      outcome: "failed",
      error: { class: "server", message: "no" },
      usage: { input_tokens: 3, output_tokens: 4, cost_usd: 0.1 },
    });
    expect(sut.close(end, "large")).toMatchObject([
      {
        model: "large",
        promptTokens: 3,
        completionTokens: 4,
        status: "failed",
        errorCode: "server",
      },
    ]);
  });

  it("are none where nothing was reported", () => {
    expect(new CallLedger().close(finished(), "large")).toEqual([]);
  });
});
