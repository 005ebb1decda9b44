import type { PhaseRunState, RunState, TestEvidence } from "@pullwright/domain";
import { durationText } from "./amounts.js";
import { collapsed, fenced } from "./fence.js";
import { namedFiles } from "./named-files.js";
import { inline } from "./plain-text.js";

const MAX_COMMANDS = 10;
const MAX_TAIL_LENGTH = 6_000;

/** A phase that brought evidence, and the evidence. */
export interface TestedPhase {
  readonly phase: PhaseRunState;
  readonly tests: TestEvidence;
}

/** The newest evidence of the current execution. */
export function newestTests(run: RunState): TestedPhase | null {
  for (const phase of [...run.phases].reverse()) {
    const tests = phase.result?.tests;
    if (tests !== undefined) return { phase, tests };
  }
  return null;
}

/** Whether tests ran and succeeded on exactly this commit. */
export function isTestedGreen(run: RunState): boolean {
  const newest = newestTests(run);
  return (
    newest !== null &&
    newest.tests.tested &&
    newest.phase.status === "succeeded" &&
    newest.tests.headSha === run.headSha
  );
}

/** What was run, where, and what it said, in a block that opens at a click. */
export function evidenceSection(
  { phase, tests }: TestedPhase,
  secrets: readonly string[],
): string {
  const sha = `\`${tests.headSha.slice(0, 10).replace(/[^0-9a-f]/g, "")}\``;
  if (!tests.tested)
    return `**Untested**: the repository names no test command, so nothing shows that ${sha} works.`;
  const passed = phase.status === "succeeded";
  const commands = tests.commands.slice(0, MAX_COMMANDS);
  const parts = commands.map((command) => {
    const line = inline(command.command.join(" "), secrets, 200);
    const code =
      command.exitCode === null
        ? "no exit code"
        : `exit code ${command.exitCode.toString()}`;
    const heading = `**${command.kind}**: ${line} → ${code}, ${durationText(command.durationMs)}`;
    return command.outputTail.trim() === ""
      ? heading
      : `${heading}\n\n${fenced(command.outputTail, secrets, { maxLength: MAX_TAIL_LENGTH })}`;
  });
  const more = tests.commands.length - commands.length;
  if (more > 0) parts.push(`… and ${more.toString()} more commands`);
  if (tests.baseFailed)
    parts.push("The same commands already failed on the base commit.");
  parts.push(changedTests(tests, secrets));
  const round = phase.round > 1 ? `, round ${phase.round.toString()}` : "";
  return collapsed(
    `${passed ? "✅ Tests passed" : "❌ Tests failed"} on ${sha}${round}`,
    parts.filter((part) => part !== "").join("\n\n"),
  );
}

/** An agent may write tests, but people should know which. */
function changedTests(tests: TestEvidence, secrets: readonly string[]): string {
  const { changedTestFiles: files } = tests;
  if (files.length === 0) return "No test or script was changed.";
  return `Tests and scripts that this run changed:\n\n${namedFiles(files, secrets)}`;
}
