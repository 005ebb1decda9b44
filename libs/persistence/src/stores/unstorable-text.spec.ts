import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import type { PhaseResult } from "@pullwright/domain";
import {
  shipped,
  storesOnAClone,
  type StoresUnderTest,
} from "../__fixtures__/stores-on-a-clone.js";
import { toLogBatch } from "./log-batch.js";

/** Postgres's text takes no NUL, its jsonb neither that nor half of a surrogate pair. */
const PRINTED = "\0 \ud83d \ude00 😀 \\u0000";
const KEPT = "\u2400 \ufffd \ufffd 😀 \\u0000";

const result: PhaseResult = {
  outcome: "succeeded",
  summary: PRINTED,
  usage: null,
  handoff: { contentMd: PRINTED, metadata: { [PRINTED]: [PRINTED] } },
  tests: {
    tested: true,
    commands: [
      {
        command: ["npm", PRINTED],
        kind: "test",
        exitCode: 0,
        durationMs: 1,
        outputTail: PRINTED,
      },
    ],
    changedTestFiles: [],
    baseFailed: false,
    headSha: "a".repeat(40),
  },
};

let sut: StoresUnderTest;
beforeAll(async () => {
  sut = await storesOnAClone();
});
afterAll(() => sut.close());

const line = {
  at: new Date(),
  level: "INFO",
  message: PRINTED,
  context: { said: PRINTED },
} as const;

describe("text that Postgres takes for none", () => {
  it("keeps no result from being recorded, with its handoff, its lines and what was prepared", async () => {
    const { attempt, run } = await sut.claimed(await sut.createRun());
    const { attempts, runs, logs } = sut.stores;
    expect(await attempts.prepare(attempt, "a".repeat(40), result)).toBe(true);
    const answer = await attempts.finish(
      attempt,
      result,
      {},
      toLogBatch([line]),
    );
    expect(answer.kind).toBe("applied");
    const [phase] = (await runs.byId(run.id))?.state.phases ?? [];
    expect(phase?.result).toMatchObject({
      summary: KEPT,
      handoff: { contentMd: KEPT, metadata: { [KEPT]: [KEPT] } },
      tests: { commands: [{ command: ["npm", KEPT], outputTail: KEPT }] },
    });
    expect(await logs.page(run.id, { after: 0, limit: 9 })).toMatchObject([
      { message: KEPT, context: { said: KEPT } },
    ]);
  });

  it("keeps none of several results that are written together from being recorded", async () => {
    const all = await Promise.all(
      Array.from({ length: 6 }, async () => sut.claimed(await sut.createRun())),
    );
    const answers = await Promise.all(
      all.map(({ attempt }) => sut.stores.attempts.finish(attempt, result)),
    );
    expect(answers.map(({ kind }) => kind)).toEqual(all.map(() => "applied"));
  });

  it("keeps no failure from being told, and no agent from being remembered as refused", async () => {
    const run = await sut.createRun({
      workflow: shipped("adw_plan"),
      agentRoute: ["claude", "codex"],
    });
    const { attempt } = await sut.claimed(run);
    const answer = await sut.stores.attempts.finish(attempt, {
      outcome: "failed",
      failureClass: "auth",
      message: PRINTED,
      summary: "",
      usage: null,
      agent: "claude",
    });
    expect(answer.kind).toBe("applied");
    const { rows } = await sut.database.pool.query(
      "SELECT payload ->> 'message' AS message FROM run_events WHERE workflow_run_id = $1 AND type = 'phase_finished'",
      [run.id],
    );
    expect(rows).toEqual([{ message: KEPT }]);
    const again = await sut.stores.runs.byId(run.id);
    expect(again?.state.phases[0]?.setbacks).toMatchObject([{ message: KEPT }]);
  });

  it("keeps no command from being taken, such as a cancel whose reason was cut inside an emoji", async () => {
    const { run } = await sut.claimed(await sut.createRun());
    const reason = "😀".repeat(1_000).slice(0, 1_999);
    const answer = await sut.stores.transitions.apply(run.id, {
      event: { type: "cancel_requested", by: "ada", reason },
      by: { actor: "ada", cause: `comment:${run.adwId}` },
    });
    expect(answer.kind).toBe("applied");
    const again = await sut.stores.runs.byId(run.id);
    expect(again?.state.cancelRequest?.reason).toBe(
      `${"😀".repeat(999)}\ufffd`,
    );
  });

  it("keeps no run from being made, and none of what an agent says from being kept", async () => {
    const comments = [{ author: "ada", body: PRINTED }];
    const run = await sut.createRun({
      snapshot: {
        title: PRINTED,
        body: PRINTED,
        labels: [PRINTED],
        author: "ada",
        comments,
      },
    });
    const { attempt, workItem } = await sut.claimed(run);
    expect(workItem).toMatchObject({
      title: KEPT,
      body: KEPT,
      labels: [KEPT],
      comments: [{ body: KEPT }],
    });
    const { transcripts, audit } = sut.stores;
    await transcripts.add(attempt, {
      messages: [
        { role: "tool", content: PRINTED, metadata: { said: PRINTED } },
      ],
    });
    const [message] = await transcripts.messages(attempt.attemptId, "0", 1);
    expect(message).toMatchObject({
      content: KEPT,
      metadata: { said: KEPT },
    });
    await transcripts.addDecision(attempt, "prompt_shortened", {
      cut: PRINTED,
    });
    const [noted] = await audit.page({}, null, 1);
    expect(noted?.details).toMatchObject({ cut: KEPT });
  });
});
