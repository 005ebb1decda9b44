/** A command of the installation's own that speaks the agent protocol (`docs/agent-protocol.md`). */
export interface CommandSettings {
  /** Program and arguments; no shell. */
  readonly argv: readonly [string, ...string[]];
  readonly readOnlyPaths?: readonly string[];
  /** Further variables for this agent alone, such as its provider's key. */
  readonly env?: Readonly<Record<string, string>>;
}
