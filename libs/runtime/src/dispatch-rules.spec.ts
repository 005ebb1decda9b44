import { expect, test } from "@jest/globals";
import { loadConfig } from "@pullwright/platform";
import { dispatchRules } from "./dispatch-rules.js";

test("each setting is the rule that it is named for", () => {
  const config = loadConfig({
    MAX_CONCURRENT_PHASES: "8",
    MAX_CONCURRENT_PER_AGENT: "4",
    PRIORITY_AGEING_MINUTES: "5",
    AGENT: "codex",
  });
  expect(dispatchRules(config)).toEqual({
    maxPhases: 8,
    maxPerAgent: 4,
    ageingMs: 300_000,
    defaultAgent: "codex",
  });
});

test("unset limits are none", () => {
  expect(dispatchRules(loadConfig({}))).toMatchObject({
    maxPhases: null,
    maxPerAgent: null,
    ageingMs: 1_800_000,
  });
});
