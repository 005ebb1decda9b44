/** One of the repository's own commands, to be run in a sandbox in its checkout. */
export interface RepositoryCommand {
  readonly kind: "setup" | "lint" | "test";
  readonly argv: readonly [string, ...string[]];
}
