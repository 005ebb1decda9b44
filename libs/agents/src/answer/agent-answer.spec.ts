import { describe, expect, it } from "@jest/globals";
import type { AgentFinished } from "@pullwright/contracts";
import { agentAnswer } from "./agent-answer.js";

const said = (text: string): AgentFinished => ({
  type: "finished",
  outcome: "succeeded",
  denials: [],
  usage: null,
  text,
});
const absent = { state: "absent" } as const;

describe("an agent's answer", () => {
  it("is its final text where it left no file", () => {
    expect(agentAnswer("build", said(" Done. "), absent)).toEqual({
      summary: "Done.",
    });
    expect(agentAnswer("classify", said("bug"), absent)).toEqual({
      summary: "bug",
      classification: "bug",
    });
    expect(
      agentAnswer("plan", said("# Mend the total\n\nSteps."), absent),
    ).toEqual({
      summary: "Mend the total",
      plan: "# Mend the total\n\nSteps.",
    });
  });

  it("is its file first", () => {
    const file = {
      state: "output",
      output: { summary: "S", plan: "# P", classification: "chore" },
    } as const;
    expect(agentAnswer("plan", said("# Other"), file)).toEqual({
      summary: "S",
      plan: "# P",
    });
    expect(agentAnswer("classify", said("bug"), file)).toEqual({
      summary: "S",
      classification: "chore",
    });
  });

  it("is its text again when the file is no good", () => {
    expect(
      agentAnswer("build", said("Done."), { state: "invalid", reason: "x" })
        .summary,
    ).toBe("Done.");
  });

  it("has no plan when nothing was said", () => {
    expect(agentAnswer("plan", said("  \n"), absent)).toEqual({ summary: "" });
  });
});
