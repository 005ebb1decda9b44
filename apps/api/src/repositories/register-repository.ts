import { isGitHubError, type GitHub } from "@pullwright/github";
import type { DoneBy, Repository, Stores } from "@pullwright/persistence";
import { ApiProblem } from "../http/api-problem.js";

/** Registers a repository under the id and the name that GitHub knows it by. */
export async function registerRepository(
  github: Pick<GitHub, "repositories">,
  stores: Pick<Stores, "repositories">,
  fullName: string,
  by: DoneBy,
): Promise<Repository> {
  const [owner = "", name = ""] = fullName.split("/");
  const found = await github.repositories
    .get({ owner, name })
    .catch((error: unknown) => {
      if (!isGitHubError(error, "not_found")) throw error;
      const message = `GitHub shows us no repository ${fullName}`;
      throw new ApiProblem("not-found", message, {
        errors: [{ field: "repository", message }],
        cause: error,
      });
    });
  const [realOwner = owner, realName = name] = found.fullName.split("/");
  return stores.repositories.upsert(
    {
      githubId: found.id,
      owner: realOwner,
      name: realName,
      defaultBranch: found.defaultBranch,
    },
    by,
  );
}
