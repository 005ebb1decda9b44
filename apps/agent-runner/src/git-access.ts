import { readGuardWishes } from "@pullwright/contracts";
import type { GitHub } from "@pullwright/github";
import type {
  RepositoryRef as RunRepository,
  Stores,
} from "@pullwright/persistence";
import {
  defaultGuardPolicy,
  narrowPolicy,
  type GitCredentials,
  type GuardPolicy,
  type RepositoryRef,
} from "@pullwright/workspace";

/** Where repositories are cloned from, with what right, and what may be pushed to them. */
export interface GitAccess {
  repositoryOf(repository: RunRepository): RepositoryRef;
  /** A token for this repository alone, fetched when git asks for it. */
  credentialsFor(
    repository: RunRepository,
    purpose: "read" | "push",
  ): GitCredentials;
  /** The installation's guard, narrowed by the repository's policy. */
  guardOf(repository: RunRepository): Promise<GuardPolicy>;
}

/** The same over GitHub and the stored policies. */
export function gitAccess(sources: {
  readonly cloneUrlOf: (repository: RunRepository) => string;
  readonly github: Pick<GitHub, "tokens">;
  readonly repositories: Pick<Stores["repositories"], "byId">;
}): GitAccess {
  const { cloneUrlOf, github, repositories } = sources;
  return {
    repositoryOf: (repository) => ({
      id: String(repository.githubId),
      cloneUrl: cloneUrlOf(repository),
    }),
    credentialsFor: (repository, purpose) => ({
      token: async () =>
        (await github.tokens.gitCredentials(repository, purpose)).password,
    }),
    guardOf: async (repository) => {
      const stored = await repositories.byId(repository.id);
      return narrowPolicy(
        defaultGuardPolicy,
        readGuardWishes(stored?.policy ?? {}),
      );
    },
  };
}
