import { afterAll, beforeAll, describe, expect, it, test } from "@jest/globals";
import {
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

const anAttempt = async () =>
  (await sut.claimed(await sut.createRun())).attempt;

const cut = { section: "comments", from: 90_000, to: 60_000 };
const call = {
  model: "small",
  promptTokens: 10,
  completionTokens: 2,
  costUsd: 0.1,
  status: "success",
} as const;

it("a turn's first call keeps how its prompt came to its size, the others nothing", async () => {
  const attempt = await anAttempt();
  const prompt = {
    requestedTokens: 90_000,
    maxTokens: 64_000,
    truncatedSections: [cut],
    budget: { window: 128_000, limit: 64_000, estimated: 60_000 },
  };
  await sut.stores.transcripts.add(attempt, {
    calls: [{ ...call, prompt }, call],
  });
  const { rows } = await sut.database.pool.query(
    `SELECT total_tokens_requested::int AS requested, max_tokens::int AS most, truncated_sections AS cuts, budget_snapshot AS budget
       FROM llm_calls WHERE conversation_id = $1 ORDER BY id`,
    [attempt.attemptId],
  );
  expect(rows).toEqual([
    {
      requested: 90_000,
      most: 64_000,
      cuts: [cut],
      budget: { window: 128_000, limit: 64_000, estimated: 60_000 },
    },
    { requested: null, most: null, cuts: null, budget: null },
  ]);
});

it("messages, calls and kept files of an attempt whose fence has moved on are refused", async () => {
  const attempt = await anAttempt();
  const { transcripts, artifacts } = sut.stores;
  const file = {
    kind: "diff",
    name: "build-1.diff",
    contentType: "text/x-diff",
    content: "+late",
  } as const;
  const write = async (fence: number, content: string) => {
    const writer = { ...attempt, fence };
    await transcripts.add(writer, {
      messages: [{ role: "assistant", content }],
      calls: [{ ...call, model: content }],
    });
    return artifacts.keep(writer, { ...file, content });
  };
  expect(await write(attempt.fence, "in time")).toBe(true);
  await sut.database.pool.query(
    "UPDATE phase_runs SET fence = fence + 1 WHERE id = $1",
    [attempt.phaseRunId],
  );
  expect(await write(attempt.fence, "late")).toBe(false);
  const { rows } = await sut.database.pool.query(
    `SELECT (SELECT array_agg(content) FROM messages WHERE conversation_id = $1) AS messages,
            (SELECT array_agg(model) FROM llm_calls WHERE conversation_id = $1) AS calls,
            (SELECT array_agg(content) FROM artifacts WHERE attempt_id = $1) AS files,
            x.total_calls::int AS counted, x.models FROM executions x WHERE x.workflow_run_id = $2`,
    [attempt.attemptId, attempt.runId],
  );
  expect(rows).toEqual([
    {
      messages: ["in time"],
      calls: ["in time"],
      files: ["in time"],
      counted: 1,
      models: ["in time"],
    },
  ]);
});

describe("told again, since nobody heard whether it was kept", () => {
  const turn = {
    messages: [{ role: "assistant", content: "done" }],
    calls: [call, call],
  } as const;

  test("a turn is kept once, and the next one after it", async () => {
    const attempt = await anAttempt();
    const { transcripts } = sut.stores;
    const before = await transcripts.sizeOf(attempt);
    // At once, as when the first is still under way in Postgres while its connection is gone.
    await Promise.all([
      transcripts.add(attempt, turn, before),
      transcripts.add(attempt, turn, before),
    ]);
    await transcripts.add(attempt, turn, before);
    const after = await transcripts.sizeOf(attempt);
    expect([before, after]).toEqual([
      { messages: 0, calls: 0 },
      { messages: 1, calls: 2 },
    ]);
    await transcripts.add(attempt, turn, after);
    const { rows } = await sut.database.pool.query(
      "SELECT total_calls::int AS calls FROM executions WHERE workflow_run_id = $1",
      [attempt.runId],
    );
    expect(await transcripts.sizeOf(attempt)).toEqual({
      messages: 2,
      calls: 4,
    });
    expect(rows).toEqual([{ calls: 4 }]);
  });

  test("a decision is noted once", async () => {
    const attempt = await anAttempt();
    const { transcripts } = sut.stores;
    for (const limit of [64_000, 64_000, 32_000])
      await transcripts.addDecision(attempt, "prompt_shortened", { limit });
    const { rows } = await sut.database.pool.query(
      "SELECT (payload->>'limit')::int AS limit FROM run_events WHERE workflow_run_id = $1 AND type = 'prompt_shortened' ORDER BY seq",
      [attempt.runId],
    );
    expect(rows).toEqual([{ limit: 64_000 }, { limit: 32_000 }]);
  });
});

it("a decision stands in the run's history with its arithmetic, but not under an old fence", async () => {
  const attempt = await anAttempt();
  const payload = { limit: 64_000, requested: 90_000, cuts: [cut] };
  const { transcripts } = sut.stores;
  await transcripts.addDecision(attempt, "prompt_shortened", payload);
  await transcripts.addDecision(
    { ...attempt, fence: attempt.fence + 1 },
    "prompt_shortened",
    {},
  );
  const { rows } = await sut.database.pool.query(
    "SELECT actor, execution, payload FROM run_events WHERE workflow_run_id = $1 AND type = 'prompt_shortened'",
    [attempt.runId],
  );
  expect(rows).toEqual([
    {
      actor: "runner-1",
      execution: 1,
      payload: { ...payload, attempt: attempt.attemptId },
    },
  ]);
});
