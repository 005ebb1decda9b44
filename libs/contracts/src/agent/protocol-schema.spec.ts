import { readFile } from "node:fs/promises";
import { describe, expect, it } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { formatJson } from "./format-json.js";
import { agentProtocolSchema } from "./protocol-schema.js";

const published = new URL(
  "../../../../docs/agent-protocol.schema.json",
  import.meta.url,
);

describe("the published schema of the agent protocol", () => {
  it("says what the event model says", async () => {
    expect(await readFile(published, "utf8")).toBe(
      formatJson(agentProtocolSchema()),
    );
  });

  const ajv = new Ajv2020({ strict: false });
  addFormats.default(ajv);
  const accepts = ajv.compile(agentProtocolSchema());
  const acceptsFile = ajv.compile({
    ...agentProtocolSchema(),
    $ref: "#/$defs/output_file",
  });

  it.each([
    { type: "text", text: "hello" },
    { type: "finished", outcome: "succeeded" },
    {
      type: "finished",
      outcome: "failed",
      error: { class: "rate_limit", resume_at: "2026-11-21T10:00:00Z" },
    },
    { type: "usage", usage: { input_tokens: 1, output_tokens: 2 } },
    {
      type: "tool_finished",
      call_id: "1",
      status: "ok",
      changes: [{ path: "a.ts", kind: "add" }],
    },
  ])("accepts %j from an agent that leaves out what has a default", (event) => {
    expect(accepts(event)).toBe(true);
  });

  it.each([
    { type: "finished" },
    { type: "nothing we know" },
    { type: "text" },
    "text",
    null,
  ])("refuses %j", (event) => {
    expect(accepts(event)).toBe(false);
  });

  it("describes the output file", () => {
    expect(
      acceptsFile({ summary: "Done.", classification: "bug", plan: "# Plan" }),
    ).toBe(true);
    expect(acceptsFile({ classification: "epic" })).toBe(false);
  });
});
