import type { ToolResult } from "@pullwright/sandbox";

/** Why git failed, as far as it can be told. */
export type GitErrorCode =
  | "GIT_AUTH"
  | "GIT_NOT_FOUND"
  | "GIT_UNREACHABLE"
  | "GIT_TIMEOUT"
  | "GIT_MISSING"
  | "GIT_TOO_OLD"
  | "DISK_FULL"
  | "COMMIT_NOT_FOUND"
  | "INVALID_NAME"
  | "GIT_FAILED";

/** A git command that failed in a way nobody expects in normal work. Its message never holds a credential. */
export class GitError extends Error {
  override readonly name = "GitError";
  readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * git says why a remote refused only in prose, always with exit code 128. These sentences are those of git and curl in
 * the C locale, stable since git 2.20; one that is not known is `GIT_FAILED`, never guessed.
 */
const SENTENCES: readonly (readonly [RegExp, GitErrorCode])[] = [
  [/No space left on device|Disk quota exceeded|Out of diskspace/, "DISK_FULL"],
  [
    /Authentication failed|could not read (?:Username|Password)|returned error: 40[13]|invalid credentials/i,
    "GIT_AUTH",
  ],
  [
    /couldn't find remote ref|repository '.*' not found|Repository not found|returned error: 404/i,
    "GIT_NOT_FOUND",
  ],
  [
    /Could not resolve host|Failed to connect|Connection (?:refused|reset|timed out)|returned error: 5\d\d|early EOF|unexpected disconnect|RPC failed|Empty reply|Operation too slow/i,
    "GIT_UNREACHABLE",
  ],
];

/** The error for a git command that did not end well. */
export function gitFailure(subcommand: string, result: ToolResult): GitError {
  if (result.spawnError) {
    return new GitError(
      "GIT_MISSING",
      `git could not be started: ${result.spawnError.message}.`,
    );
  }
  if (result.endedBy === "timeout")
    return new GitError("GIT_TIMEOUT", `git ${subcommand} took too long.`);
  const code =
    SENTENCES.find(([sentence]) => sentence.test(result.stderr))?.[1] ??
    "GIT_FAILED";
  const said = result.stderr.trim().slice(-1_000);
  return new GitError(
    code,
    `git ${subcommand} failed (${result.exitCode ?? result.signal ?? result.endedBy}): ${said}`,
  );
}
