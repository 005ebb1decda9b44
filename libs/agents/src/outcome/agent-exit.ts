import type { AgentExit, StopReason } from "../agent.js";

/** What a supervisor of processes reports, as far as an agent's judgement needs it. */
export interface ProcessEnd {
  readonly endedBy: "exit" | StopReason;
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly stderrTail: string;
  readonly spawnError?: { readonly message: string };
}

/** The end of a process as the parsers take it. */
export function toAgentExit(end: ProcessEnd): AgentExit {
  return {
    exitCode: end.exitCode,
    signal: end.signal,
    stoppedBy: end.endedBy === "exit" ? null : end.endedBy,
    stderrTail: end.spawnError?.message ?? end.stderrTail,
  };
}
