import { describe, expect, it } from "@jest/globals";
import {
  shippedWorkflows,
  type PhaseDefinition,
  type WorkflowDefinition,
} from "@pullwright/domain";
import { workflowDefinition } from "./workflow-definition.js";

const phase: PhaseDefinition = {
  name: "build",
  kind: "agent",
  writes: "code",
  timeoutMinutes: 60,
  stallMinutes: 10,
};
const whole: WorkflowDefinition = {
  name: "my_build",
  version: 1,
  description: "Builds.",
  start: "base",
  phases: [
    {
      ...phase,
      agent: "claude",
      model: "anthropic/claude:latest",
      budgetUsd: 2.5,
    },
  ],
};

/** Where and why it is refused. */
const faultsOf = (definition: unknown) =>
  workflowDefinition
    .safeParse(definition)
    .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);

describe("a workflow definition", () => {
  it.each(shippedWorkflows)("is what Pullwright ships: $name", (shipped) => {
    expect(workflowDefinition.parse(shipped)).toEqual(shipped);
  });

  it("may say all that a phase can have", () => {
    expect(workflowDefinition.parse(whole)).toEqual(whole);
  });

  it.each<[string, object, RegExp]>([
    ["a name with a slash", { name: "../up" }, /^name: must be a name/],
    ["version 0", { version: 0 }, /^version: must be at least 1/],
    ["no description", { description: "" }, /^description: must not be empty/],
    ["an unknown start", { start: "anywhere" }, /^start: /],
    ["no phase", { phases: [] }, /^phases: must have at least one phase/],
    [
      "two phases of one name",
      { phases: [phase, phase] },
      /^phases: must have names that differ/,
    ],
    [
      "a built-in phase first",
      { phases: [{ ...phase, kind: "builtin" }] },
      /^phases: must not begin with a built-in phase/,
    ],
    [
      "a kind that nobody has",
      { phases: [{ ...phase, kind: "hosted" }] },
      /^phases\.0\.kind: /,
    ],
    [
      "a phase without end",
      { phases: [{ ...phase, timeoutMinutes: 0 }] },
      /^phases\.0\.timeoutMinutes: must be more than 0/,
    ],
    [
      "a debt for a budget",
      { phases: [{ ...phase, budgetUsd: -1 }] },
      /^phases\.0\.budgetUsd: must not be negative/,
    ],
    [
      "a word that nobody reads",
      { phases: [{ ...phase, retries: 3 }] },
      /^phases\.0: .*retries/,
    ],
  ])("is refused with %s", (_what, change, reason) => {
    expect(faultsOf({ ...whole, ...change })).toEqual([
      expect.stringMatching(reason),
    ]);
  });
});
