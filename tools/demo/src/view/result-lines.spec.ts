import { expect, test } from "@jest/globals";
import { noColours } from "./paint.js";
import { resultLines, type DemoResult } from "./result-lines.js";

const result: DemoResult = {
  pull: {
    number: 2,
    title: "It\u001B[2J adds",
    url: "http://127.0.0.1:1/o/r/pull/2",
    draft: false,
  },
  patch:
    "diff --git a/specs/p.md b/specs/p.md\n--- /dev/null\n+++ b/specs/p.md\n+# Plan\ndiff --git a/a.js b/a.js\n--- a/a.js\n+++ b/a.js\n-1\n+2\n",
  planFile: "specs/p.md",
  evidence: {
    headSha: "0123456789abcdef",
    before: {
      command: "npm test",
      passed: false,
      output: ["", "✖ it adds (1ms)", "ℹ pass 0", "ℹ fail 1", "    at x.js"],
    },
    after: {
      command: "npm test",
      passed: true,
      output: ["plain", "words"],
    },
  },
  tookMs: 8_300,
  spentUsd: 0,
  agent: "scripted",
};

test("the end names the pull request, its state, the diff, both verdicts, the time and the cost", () => {
  expect(resultLines(result, noColours).filter(Boolean)).toEqual([
    "Diff",
    "  + specs/p.md (1 lines)",
    "  diff --git a/a.js b/a.js",
    "  --- a/a.js",
    "  +++ b/a.js",
    "  -1",
    "  +2",
    "Tests, run by Pullwright in a clean checkout",
    "  failed before, on the base branch: npm test",
    "    ✖ it adds (1ms)",
    "    ℹ pass 0",
    "    ℹ fail 1",
    "  passed after, on 0123456789: npm test",
    "    plain",
    "    words",
    "Pull request #2 It adds (ready)",
    "  http://127.0.0.1:1/o/r/pull/2",
    "  8.3 s from label to pull request, $0.00 (the scripted agent costs nothing)",
  ]);
});

test("an untested draft is said to be one", () => {
  const lines = resultLines(
    {
      ...result,
      evidence: undefined,
      pull: { ...result.pull, draft: true },
    },
    noColours,
  ).join("\n");
  expect(lines).toContain("none were run");
  expect(lines).toContain("(draft)");
});
