import { isVersionAtLeast, NEEDED_GIT } from "@pullwright/platform";
import type { Git } from "./git.js";
import { GitError } from "./git-error.js";

/** Throws where git is missing, cannot be run by the user who runs it here, or is too old. */
export async function requireGit(git: Git, home: string): Promise<void> {
  const said = await git.text({ gitDir: home }, ["--version"]);
  if (!isVersionAtLeast(said, NEEDED_GIT))
    throw new GitError("GIT_TOO_OLD", `${said} is too old.`);
}
