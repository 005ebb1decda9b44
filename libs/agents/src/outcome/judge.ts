import type { AgentError, AgentFinished } from "@pullwright/contracts";
import type { AgentExit, StopReason } from "../agent.js";
import { lastWords } from "./stderr-error.js";
import { storableText } from "../stream/storable.js";

/** What a CLI said about its own end. */
export interface Claim extends Omit<
  AgentFinished,
  "type" | "outcome" | "error"
> {
  /** `silent`: no terminal event came. */
  readonly said: "succeeded" | "failed" | "cancelled" | "silent";
  /** What went wrong last, whether or not the CLI ended over it. */
  readonly error?: AgentError;
}

const stopSentence: Readonly<Record<StopReason, string>> = {
  timeout: "The agent was stopped at its time limit.",
  silence: "The agent was stopped because it had said nothing for too long.",
  cancelled: "The agent was stopped because the run was cancelled.",
  output_cap:
    "The agent was stopped because it wrote more output than allowed.",
  memory: "The agent was stopped because it used more memory than allowed.",
  processes:
    "The agent was stopped because it started more processes than allowed.",
  spawn_failed: "The agent could not be started.",
};

/**
 * The outcome of a run. No single witness is believed: our own stop comes first, a failure the CLI names next,
 * and success needs the terminal event, its flags and exit code 0 together. (Whether anything changed is the
 * diff's to say, and not known here.)
 */
export function judge(claim: Claim, exit: AgentExit): AgentFinished {
  const { said, error, ...facts } = claim;
  const end = (
    outcome: AgentFinished["outcome"],
    stop: NonNullable<AgentFinished["stop"]>,
    told?: AgentError,
  ): AgentFinished => ({
    type: "finished",
    ...facts,
    outcome,
    stop,
    ...(told && { error: told }),
  });

  if (exit.stoppedBy === "cancelled") return end("cancelled", "cancelled");
  if (exit.stoppedBy)
    return end("failed", "killed", stoppedError(exit.stoppedBy, error, exit));
  if (said === "failed")
    return end("failed", facts.stop ?? "error", error ?? unexplained(exit));
  if (said === "cancelled") return end("cancelled", "cancelled", error);
  if (said === "succeeded" && exit.exitCode === 0)
    return end("succeeded", "completed");
  const stop = killedBy(exit) === null ? "crashed" : "killed";
  return end(
    "failed",
    stop,
    said === "silent" && error ? error : unexplained(exit),
  );
}

function stoppedError(
  by: StopReason,
  last: AgentError | undefined,
  exit: AgentExit,
): AgentError {
  const words =
    by === "spawn_failed" ? exit.stderrTail.trim() : (last?.message ?? "");
  const because = words === "" ? "" : ` Its last error: ${words}`;
  return {
    class: last?.class ?? "unknown",
    http_status: last?.http_status ?? null,
    message: storableText(stopSentence[by] + because, 4000),
  };
}

/** An end that no event explains: how the process went, and the last thing it said on stderr. */
function unexplained(exit: AgentExit): AgentError {
  const signal = killedBy(exit);
  const how =
    signal === null
      ? `exited with code ${exit.exitCode ?? "unknown"}`
      : `was killed by ${signal}`;
  const words = lastWords(exit.stderrTail);
  return {
    class: "unknown",
    http_status: null,
    message: storableText(
      `The agent ${how}${words === "" ? "." : `: ${words}`}`,
      1000,
    ),
  };
}

const signalByCode: Readonly<Record<number, string>> = {
  129: "SIGHUP",
  130: "SIGINT",
  137: "SIGKILL",
  143: "SIGTERM",
};

/** The signal from outside that ended the process; shells, bwrap and claude report it as 128 + n. */
function killedBy(exit: AgentExit): string | null {
  const signal = exit.signal ?? signalByCode[exit.exitCode ?? 0] ?? null;
  return signal !== null && Object.values(signalByCode).includes(signal)
    ? signal
    : null;
}
