import type { AgentScript, ScriptStep } from "@pullwright/agents";

/** Long enough to be seen, short enough not to bore. */
const PAUSE_MS = 250;

/**
 * What the scripted agent does in place of a model: it plays the part of one that reads the issue, finds the cause and
 * mends it. The files it changes, the commits, the tests and the pull request are real.
 */
export const scriptedWork: AgentScript = {
  phases: {
    classify: [
      [
        { expectPrompt: "Splitting a bill loses a cent" },
        ...says("The shares should add up to the bill and do not: a bug."),
        used(1_840, 31),
        {
          output: { summary: "Shares do not add up.", classification: "bug" },
        },
      ],
    ],
    plan: [
      [
        { expectPrompt: "Splitting a bill loses a cent" },
        ...says("Reading the code that splits the bill."),
        ...uses("read", "read", "src/split-bill.js"),
        ...uses("read", "read", "test/split-bill.test.js"),
        ...says("Math.floor drops the remainder; nobody pays it."),
        used(6_210, 402),
        { output: { plan: plan() } },
      ],
    ],
    build: [
      [
        { expectPrompt: "hand out the remainder" },
        ...says("Following the plan: hand out the remainder, cent by cent."),
        ...uses("edit", "edit", "src/split-bill.js"),
        {
          edit: "src/split-bill.js",
          find: "  const share = Math.floor(totalCents / people);\n  return Array.from({ length: people }, () => share);\n",
          replace:
            "  const share = Math.floor(totalCents / people);\n  const remainder = totalCents - share * people;\n  // The first ones pay a cent more, so that the shares add up to the bill.\n  return Array.from({ length: people }, (_, index) =>\n    index < remainder ? share + 1 : share,\n  );\n",
        },
        ...says("The shares of 10.00 between three are now 3.34, 3.33, 3.33."),
        used(9_480, 655),
        {
          output: {
            summary:
              "`splitBill` rounded every share down and dropped the remainder. The first shares now take one cent of it each, so that they add up to the bill and differ by a cent at most.",
          },
        },
      ],
    ],
  },
};

function says(text: string): ScriptStep[] {
  return [{ delayMs: PAUSE_MS }, { print: { type: "text", text } }];
}

function uses(
  name: string,
  kind: "read" | "edit" | "execute",
  path: string,
): ScriptStep[] {
  const call_id = `${name}:${path}`;
  return [
    {
      print: { type: "tool_started", call_id, name, kind, input: { path } },
    },
    { delayMs: PAUSE_MS },
    { print: { type: "tool_finished", call_id, status: "ok" } },
  ];
}

/** Nobody is paid for a script: tokens as a model would need them, and no money. */
function used(input_tokens: number, output_tokens: number): ScriptStep {
  return {
    print: {
      type: "usage",
      usage: { input_tokens, output_tokens, cost_usd: 0 },
    },
  };
}

function plan(): string {
  return [
    "# Splitting a bill loses a cent",
    "",
    "## Problem",
    "",
    "`splitBill(1000, 3)` returns three shares of 333: one cent of the bill is paid by nobody. The test _the shares add up to the bill_ shows it.",
    "",
    "## Cause",
    "",
    "`splitBill` in `src/split-bill.js` rounds every share down with `Math.floor` and drops the remainder.",
    "",
    "## Change",
    "",
    "1. In `src/split-bill.js`, hand out the remainder: the first shares take one cent more each.",
    "",
    "## Tests",
    "",
    "`test/split-bill.test.js` asks for all of it already; no test has to change.",
    "",
    "## Risks",
    "",
    "Callers that relied on equal shares now see shares that differ by a cent.",
    "",
  ].join("\n");
}
