/** One thing that the scripted agent does. Texts may hold `{{phase}}`, `{{round}}`, `{{run}}` and `{{issue}}`. */
export type ScriptStep =
  /** Prints a line; an object is printed as JSON, so that an event can be written as one. */
  | { readonly print: string | object; readonly stream?: "stdout" | "stderr" }
  | { readonly delayMs: number }
  /** Writes a file, its folders included. Paths count from the worktree. */
  | { readonly write: string; readonly content: string }
  /** Replaces a text that must occur exactly once. */
  | { readonly edit: string; readonly find: string; readonly replace: string }
  | { readonly remove: string }
  /** Writes the output file. */
  | { readonly output: object }
  /** Ends with code 65 unless the prompt holds the text. */
  | { readonly expectPrompt: string }
  /** Does what the prompt says: each line that starts with this word goes on with a step as JSON. The perfect victim. */
  | { readonly obey: string }
  | { readonly printEnvironment: true }
  /** Prints so many bytes, in lines of `lineBytes` (1,000 unless told). */
  | { readonly flood: number; readonly lineBytes?: number }
  /** From here on SIGTERM, SIGINT and SIGHUP do nothing. */
  | { readonly ignoreSignals: true }
  /** Leaves a child in a session of its own that lives so many milliseconds, and prints `left child <pid>`. */
  | { readonly leaveChild: number }
  | { readonly allocateMegabytes: number }
  /** Does nothing, for ever. */
  | { readonly hang: true }
  /** Dies by a signal. */
  | { readonly die: "SIGKILL" | "SIGSEGV" | "SIGABRT" | "SIGTERM" }
  | { readonly exit: number };

/** What the scripted agent does, by phase and round: data, so that a demo or a test can be read. */
export interface AgentScript {
  /** The rounds of each phase in order; the last one stands for all that follow. */
  readonly phases: Readonly<Record<string, readonly (readonly ScriptStep[])[]>>;
}
