import { readFileSync } from "node:fs";
import type { AgentEvent, AgentFinished } from "@pullwright/contracts";
import type { AgentExit, AgentParser } from "../agent.js";

interface RecordedEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Whoever recorded it sent a signal. */
  readonly signalled: boolean;
  readonly timedOut: boolean;
}

export interface RecordedRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly exit: AgentExit;
}

/** The recorded runs of a CLI, by name. */
export function recordedRuns(cli: "claude" | "codex"): Map<string, RecordedRun> {
  const folder = new URL(`../${cli}/__fixtures__/`, import.meta.url);
  const read = (file: string) => {
    try {
      return readFileSync(new URL(file, folder), "utf8");
    } catch {
      return ""; // a stream that stayed empty was not kept
    }
  };
  const ends = JSON.parse(read("runs.json")) as Record<string, RecordedEnd>;
  return new Map(
    Object.entries(ends).map(([name, end]) => {
      const stderr = read(`${name}.stderr`);
      const stoppedBy = end.timedOut ? "timeout" : end.signalled ? "cancelled" : null;
      const exit: AgentExit = { exitCode: end.exitCode, signal: end.signal, stoppedBy, stderrTail: stderr };
      return [name, { stdout: read(`${name}.stdout`), stderr, exit }];
    }),
  );
}

export function replay(
  parser: AgentParser,
  run: RecordedRun,
  exit: AgentExit = run.exit,
): { events: AgentEvent[]; finished: AgentFinished } {
  const events = [
    ...run.stderr.split("\n").flatMap((line) => parser.line("stderr", line)),
    ...run.stdout.split("\n").flatMap((line) => parser.line("stdout", line)),
  ];
  return { events, finished: parser.end(exit) };
}
