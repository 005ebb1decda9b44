import { expect, it } from "@jest/globals";
import { agentEventSchema, type AgentEvent } from "@pullwright/contracts";
import type { Worker } from "@pullwright/persistence";
import { QuotaTry } from "./quota-try.js";

const usage = (outputTokens: number): AgentEvent =>
  agentEventSchema.parse({
    type: "usage",
    usage: { input_tokens: 100, output_tokens: outputTokens },
  });

const text: AgentEvent = { type: "text", text: "The usage limit is reached." };

/** A phase's try, and what it closed. */
function tryOf(worker: Partial<Worker> | null, isAway = false) {
  const closed: [credential: string, phaseRunId: string][] = [];
  const attempt = {
    attemptId: "a",
    runId: "r",
    phaseRunId: "p",
    position: 1,
    fence: 1,
    owner: "runner-1",
    ...(worker === null
      ? {}
      : {
          worker: {
            agent: "claude",
            model: null,
            credential: "claude:1",
            ...worker,
          },
        }),
  };
  const sut = new QuotaTry(attempt, {
    close: (...of) => {
      closed.push(of);
      return isAway ? Promise.reject(new Error("away")) : Promise.resolve();
    },
  });
  return { sut, closed };
}

it("an agent's first output tells once that its quota is back", async () => {
  const { sut, closed } = tryOf({ tries: true });
  for (const event of [usage(0), text]) await sut.see(event);
  expect(closed).toEqual([]);
  await sut.see(usage(5));
  expect(closed).toEqual([["claude:1", "p"]]);
  await sut.see(usage(7));
  await sut.succeeded();
  expect(closed).toHaveLength(1);
});

it("work that is done tells it too, where the agent counts no tokens", async () => {
  const { sut, closed } = tryOf({ tries: true });
  await sut.succeeded();
  expect(closed).toEqual([["claude:1", "p"]]);
});

it.each([
  ["does not try", {}],
  ["works with no key that is counted", { tries: true, credential: null }],
  ["has no agent", null],
])("a phase that %s tells nothing", async (_which, worker) => {
  const { sut, closed } = tryOf(worker);
  await sut.see(usage(5));
  await sut.succeeded();
  expect(closed).toEqual([]);
});

it("the work goes on when nobody can be told", async () => {
  const { sut, closed } = tryOf({ tries: true }, true);
  await sut.see(usage(5));
  await sut.see(usage(5));
  expect(closed).toHaveLength(1);
});
