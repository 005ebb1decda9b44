/** One of the repository's own commands, to be run in a sandbox in its checkout. */
export interface RepositoryCommand {
  readonly kind: "setup" | "lint" | "test";
  readonly argv: readonly [string, ...string[]];
}

/** What a repository's commands are, which may be none; or why what it says of them cannot be used, for people to read. */
export type FoundCommands =
  | { readonly kind: "found"; readonly commands: readonly RepositoryCommand[] }
  | { readonly kind: "broken"; readonly problem: string };
