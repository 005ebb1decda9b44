import type { LogEntryShape, PhaseDetail } from "@pullwright/contracts";
import { z } from "zod";

/** The part of a test phase's result that the demo shows. */
const resultWithTests = z.object({
  tests: z.object({
    tested: z.boolean(),
    baseFailed: z.boolean(),
    headSha: z.string(),
    commands: z.array(
      z.object({
        command: z.array(z.string()),
        exitCode: z.int().nullable(),
        durationMs: z.number(),
        outputTail: z.string(),
      }),
    ),
  }),
});

/** What the tests said on one commit. */
export interface TestRun {
  readonly command: string;
  readonly passed: boolean;
  /** What the commands printed. */
  readonly output: readonly string[];
}

/** The tests before the change and after it. */
export interface Evidence {
  readonly headSha: string;
  readonly before: TestRun;
  readonly after: TestRun;
}

/** Reads the evidence of the latest test phase; undefined when nothing was tested. */
export function readEvidence(
  phases: readonly PhaseDetail[],
  log: readonly LogEntryShape[],
): Evidence | undefined {
  const found = phases
    .map((phase) => resultWithTests.safeParse(phase.result).data?.tests)
    .findLast((tests) => tests !== undefined);
  if (found === undefined || !found.tested) return undefined;
  const command = found.commands
    .map((one) => one.command.join(" "))
    .join(" && ");
  return {
    headSha: found.headSha,
    before: { command, passed: !found.baseFailed, output: outputOnBase(log) },
    after: {
      command,
      passed: found.commands.every((one) => one.exitCode === 0),
      output: found.commands.flatMap((one) => one.outputTail.split("\n")),
    },
  };
}

/** The evidence keeps the output on the run's branch; what base said stands in the log, before that. */
function outputOnBase(log: readonly LogEntryShape[]): string[] {
  const lines = log
    .filter((entry) => entry.phase === "test")
    .map((entry) => entry.message);
  const isHeading = (where: string) => (line: string) =>
    line.startsWith("$ ") && line.endsWith(`(${where})`);
  const from = lines.findIndex(isHeading("base"));
  const to = lines.findIndex(isHeading("head"));
  return from === -1 ? [] : lines.slice(from + 1, to === -1 ? undefined : to);
}
