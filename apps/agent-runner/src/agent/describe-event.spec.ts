import { describe, expect, it } from "@jest/globals";
import { agentEventSchema } from "@pullwright/contracts";
import { describeEvent } from "./describe-event.js";

const lines = (event: object) =>
  describeEvent(agentEventSchema.parse(event)).map(
    ({ level, message }) => `${level} ${message}`,
  );

describe("an agent's event in the log", () => {
  it.each([
    [
      { type: "started", agent: "claude", model: "sonnet" },
      ["INFO agent started claude, model sonnet"],
    ],
    [{ type: "text", text: "one\ntwo" }, ["INFO one", "INFO two"]],
    [{ type: "text", text: "" }, []],
    [{ type: "reasoning", text: "hm" }, ["DEBUG hm"]],
    [
      { type: "tool_started", call_id: "1", name: "shell", input: { a: 1 } },
      ['INFO → shell {"a":1}'],
    ],
    [
      {
        type: "tool_finished",
        call_id: "1",
        status: "error",
        exit_code: 2,
        output: "no such file",
      },
      ["WARNING ✗ tool error, exit code 2", "DEBUG no such file"],
    ],
    [{ type: "usage", usage: { input_tokens: 1, output_tokens: 1 } }, []],
    [
      {
        type: "finished",
        outcome: "failed",
        error: { class: "auth", message: "no key" },
      },
      ["ERROR agent finished: failed, no key"],
    ],
    [
      { type: "finished", outcome: "succeeded" },
      ["INFO agent finished: succeeded"],
    ],
  ])("%j reads %j", (event, expected) => {
    expect(lines(event)).toEqual(expected);
  });

  it("shows only the start of a large tool input", () => {
    const [line] = lines({
      type: "tool_started",
      call_id: "1",
      name: "write",
      input: "x".repeat(10_000),
    });
    expect(line?.length).toBeLessThan(600);
    expect(line).toMatch(/…$/);
  });
});
