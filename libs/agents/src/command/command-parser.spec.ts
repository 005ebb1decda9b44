import { describe, expect, it } from "@jest/globals";
import type { AgentExit } from "../agent.js";
import { toPhaseFailure } from "../outcome/phase-failure.js";
import { CommandParser } from "./command-parser.js";

const exit = (over: Partial<AgentExit> = {}): AgentExit => ({
  exitCode: 0,
  signal: null,
  stderrTail: "",
  ...over,
});

function run(lines: readonly (string | object)[], end: AgentExit = exit()) {
  const parser = new CommandParser();
  const events = lines.flatMap((line) =>
    parser.line(
      "stdout",
      typeof line === "string" ? line : JSON.stringify(line),
    ),
  );
  return { events, finished: parser.end(end) };
}

describe("the lines of a command agent", () => {
  it("takes a JSON object with a known type for an event and every other line for log", () => {
    const { events } = run([
      "building…",
      { type: "text", text: "Reading the tests." },
      { type: "made-up", text: "x" },
      ["text"],
      "{not json}",
      '  {"type":"warning","message":"low on disk"}',
    ]);
    expect(
      events.map((event) => (event.type === "raw" ? event.line : event.type)),
    ).toEqual([
      "building…",
      "text",
      '{"type":"made-up","text":"x"}',
      '["text"]',
      "{not json}",
      "warning",
    ]);
  });

  it("fills in what an event may leave out", () => {
    const { events } = run([
      { type: "usage", usage: { input_tokens: 1, output_tokens: 2 } },
    ]);
    expect(events).toEqual([
      {
        type: "usage",
        scope: "step",
        usage: {
          input_tokens: 1,
          output_tokens: 2,
          cache_read_tokens: 0,
          cache_write_tokens: 0,
          cost_usd: null,
        },
      },
    ]);
  });

  it("treats an event that lacks what it needs as log", () => {
    expect(run([{ type: "text" }]).events).toMatchObject([{ type: "raw" }]);
  });

  it("drops a wrong field, says so, and keeps the event", () => {
    const { events } = run([{ type: "text", text: "x", message_id: 7 }]);
    expect(events).toEqual([
      { type: "text", text: "x" },
      {
        type: "warning",
        message: 'A "text" event had fields we cannot read: message_id',
      },
    ]);
  });

  it("marks stderr as such and never reads events from it", () => {
    const parser = new CommandParser();
    const line = '{"type":"finished","outcome":"failed"}';
    expect(parser.line("stderr", line)).toEqual([
      { type: "raw", stream: "stderr", line },
    ]);
    expect(parser.end(exit()).outcome).toBe("succeeded");
  });
});

describe("the end of a command agent", () => {
  it("is success on exit code 0 without a failed finished", () => {
    expect(run(["done"]).finished).toMatchObject({
      outcome: "succeeded",
      text: "done",
    });
    expect(
      run([{ type: "finished", outcome: "succeeded" }]).finished.outcome,
    ).toBe("succeeded");
  });

  it("is failure on any other exit code, with the last words of stderr", () => {
    const { finished } = run(
      [],
      exit({ exitCode: 3, stderrTail: "first\nno such model\n" }),
    );
    expect(finished).toMatchObject({
      outcome: "failed",
      error: { message: "The agent exited with code 3: no such model" },
    });
    expect(toPhaseFailure(finished, {})?.failureClass).toBe("agent_error");
  });

  it("is failure when a finished event says so, whatever the exit code and whatever is said later", () => {
    const { finished } = run([
      {
        type: "finished",
        outcome: "failed",
        error: { class: "rate_limit", resume_at: "2026-11-21T10:00:00Z" },
      },
      { type: "finished", outcome: "succeeded" },
    ]);
    expect(toPhaseFailure(finished, {})).toEqual({
      failureClass: "quota",
      message: "The agent failed and did not say why.",
      resumeAt: "2026-11-21T10:00:00Z",
    });
  });

  it.each([
    { type: "finished", outcome: "failed", error: "out of credit" },
    {
      type: "finished",
      outcome: "failed",
      error: { class: "sulking", message: "no" },
    },
    { type: "finished", outcome: "failed", usage: { input: 1 }, denials: [{}] },
  ])("stays a failure when the event is half wrong: %j", (event) => {
    expect(run([event]).finished.outcome).toBe("failed");
  });

  it("keeps the message of an error whose class we do not know", () => {
    const { finished } = run([
      {
        type: "finished",
        outcome: "failed",
        error: { class: "sulking", message: "no" },
      },
    ]);
    expect(finished.error).toEqual({
      class: "unknown",
      message: "no",
      http_status: null,
    });
  });

  it("is cancelled when we cancelled it, even if it says it succeeded", () => {
    const { finished } = run(
      [{ type: "finished", outcome: "succeeded" }],
      exit({ stoppedBy: "cancelled" }),
    );
    expect(finished.outcome).toBe("cancelled");
  });

  it("takes what was printed for the answer, else the texts of its events", () => {
    expect(
      run(["# Plan", "", "1. Mend it.", { type: "text", text: "thinking" }])
        .finished.text,
    ).toBe("# Plan\n\n1. Mend it.");
    expect(
      run([
        { type: "text", text: "One." },
        { type: "text", text: "Two." },
      ]).finished.text,
    ).toBe("One.\n\nTwo.");
    expect(
      run(["log", { type: "finished", outcome: "succeeded", text: "Mine." }])
        .finished.text,
    ).toBe("Mine.");
    expect(run([]).finished.text).toBeUndefined();
  });

  it("adds up steps, and lets a report on the run replace them", () => {
    const step = {
      type: "usage",
      usage: { input_tokens: 1, output_tokens: 2, cost_usd: 0.1 },
    };
    const total = {
      type: "usage",
      scope: "run",
      usage: { input_tokens: 9, output_tokens: 9 },
    };
    expect(run([step, step]).finished.usage).toMatchObject({
      input_tokens: 2,
      output_tokens: 4,
      cost_usd: 0.2,
    });
    expect(run([step, total]).finished.usage).toMatchObject({
      input_tokens: 9,
      cost_usd: null,
    });
  });

  it("keeps no more of a flood than an answer may have", () => {
    const { finished } = run(
      Array.from({ length: 2000 }, () => "x".repeat(1000)),
    );
    expect(finished.text?.length).toBeLessThan(300_000);
  });
});
