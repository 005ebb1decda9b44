import type { Git } from "./git.js";
import { GitError } from "./git-error.js";

/** As README says, and the doctor. */
const NEEDED = [2, 38] as const;

/** Throws where git is missing, cannot be run by the user who runs it here, or is too old. */
export async function requireGit(git: Git, home: string): Promise<void> {
  const said = await git.text({ gitDir: home }, ["--version"]);
  const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(said)?.map(Number) ?? [];
  const [neededMajor, neededMinor] = NEEDED;
  if (major < neededMajor || (major === neededMajor && minor < neededMinor))
    throw new GitError("GIT_TOO_OLD", `${said} is too old.`);
}
