import type { Evidence, TestRun } from "../test-evidence.js";
import { dollars, duration } from "./amounts.js";
import { renderDiff } from "./diff.js";
import type { Paint } from "./paint.js";
import { oneLine } from "./plain-text.js";

const MAX_OUTPUT_LINES = 8;

/** What a demo has led to. */
export interface DemoResult {
  readonly pull: {
    readonly number: number;
    readonly title: string;
    readonly url: string;
    readonly draft: boolean;
  };
  readonly patch: string;
  /** Only named in the diff: everybody can read it in the pull request. */
  readonly planFile: string | null;
  readonly evidence: Evidence | undefined;
  readonly tookMs: number;
  readonly spentUsd: number;
  readonly agent: string;
}

/** The end of the demo as text. */
export function resultLines(result: DemoResult, paint: Paint): string[] {
  const { pull, evidence } = result;
  const state = pull.draft ? paint.yellow("draft") : paint.green("ready");
  return [
    "",
    paint.bold("Diff"),
    "",
    ...indented(
      renderDiff(result.patch, paint, (path) => path === result.planFile),
    ),
    "",
    paint.bold("Tests, run by Pullwright in a clean checkout"),
    "",
    ...indented(
      evidence === undefined
        ? [paint.yellow("none were run")]
        : [
            ...testLines("before, on the base branch", evidence.before, paint),
            ...testLines(
              `after, on ${evidence.headSha.slice(0, 10)}`,
              evidence.after,
              paint,
            ),
          ],
    ),
    "",
    `${paint.bold("Pull request")} #${pull.number} ${oneLine(pull.title)} (${state})`,
    "",
    `  ${paint.cyan(pull.url)}`,
    "",
    paint.dim(
      `  ${duration(result.tookMs)} from label to pull request, ${dollars(result.spentUsd)}${result.agent === "scripted" ? " (the scripted agent costs nothing)" : ""}`,
    ),
  ];
}

function testLines(where: string, run: TestRun, paint: Paint): string[] {
  const verdict = run.passed ? paint.green("passed") : paint.red("failed");
  return [
    `${verdict} ${where}: ${oneLine(run.command)}`,
    ...tellingLines(run).map((line) => paint.dim(`  ${oneLine(line)}`)),
  ];
}

/** The lines of Node's test runner that carry the verdict; the last ones of any other. */
function tellingLines({ output, passed }: TestRun): string[] {
  const full = output.filter((line) => line.trim() !== "");
  const verdict = passed
    ? /^(?:✔|ℹ (?:pass|fail) )/
    : /^(?:✖|ℹ (?:pass|fail) )/;
  const telling = full.filter((line) => verdict.test(line));
  const chosen = [...new Set(telling.map((line) => line.trimEnd()))].filter(
    (line) => line !== "✖ failing tests:",
  );
  return chosen.length === 0
    ? full.slice(-MAX_OUTPUT_LINES)
    : chosen.slice(-MAX_OUTPUT_LINES);
}

const indented = (lines: readonly string[]) =>
  lines.map((line) => (line === "" ? "" : `  ${line}`));
