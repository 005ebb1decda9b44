/** One of the repository's own commands, to be run in a sandbox in its checkout. */
export interface RepositoryCommand {
  readonly kind: "setup" | "lint" | "test";
  readonly argv: readonly [string, ...string[]];
  /** The file that says what the command does, where one does: an agent could rewrite it. */
  readonly definedIn?: string;
}
