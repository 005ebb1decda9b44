/** How the program ends; scripts may rely on it. */
export const exitCodes = {
  /** The run is completed, or the command was carried out. */
  ok: 0,
  /** The run failed, or a check of the doctor did. */
  failed: 1,
  /** The command line or a value in it is wrong, such as a text that can be no run's id; or the address or the key in the environment is. */
  usage: 2,
  /** The run was cancelled. */
  cancelled: 3,
  /** The API does not answer. */
  unreachable: 4,
  /** The API refused: no key, no such run, a live run in the way. */
  refused: 5,
  /** All went well, and what there was to say could not be written: a full disk. */
  unwritten: 6,
  /** Ctrl-C; the run goes on. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code that stands for a run's end. */
export function exitCodeOf(status: string): ExitCode {
  if (status === "completed") return exitCodes.ok;
  return status === "cancelled" ? exitCodes.cancelled : exitCodes.failed;
}
