import {
  parseRepositoryName,
  type GitHub,
  type RepositoryName,
} from "@pullwright/github";
import type { Stores } from "@pullwright/persistence";
import { backoffMs, messageOf, sleep, type Logger } from "@pullwright/platform";

const retries = { baseMs: 1_000, maxMs: 60_000 };

export interface RegistrationParts {
  readonly github: GitHub;
  readonly repositories: Pick<Stores["repositories"], "upsert">;
  readonly logger: Logger;
  /** Ends the tries. */
  readonly signal: AbortSignal;
}

/**
 * Enters the configured repositories (`owner/name`) by what GitHub knows of them: id, present name and default branch.
 *
 * Goes on until each is registered: GitHub or Postgres may be away, and the rights to a repository may come later.
 * Harmless to repeat and to do from several processes.
 */
export async function registerRepositories(
  fullNames: readonly string[],
  parts: RegistrationParts,
): Promise<void> {
  // The setting takes no name that this would drop.
  const names = fullNames.flatMap((name) => parseRepositoryName(name) ?? []);
  await Promise.all(names.map((name) => registerOne(name, parts)));
}

async function registerOne(
  name: RepositoryName,
  { github, repositories, logger, signal }: RegistrationParts,
): Promise<void> {
  const repository = `${name.owner}/${name.name}`;
  for (let failures = 1; !signal.aborted; failures += 1) {
    try {
      const found = await github.repositories.get(name);
      const { owner, name: current } =
        parseRepositoryName(found.fullName) ?? name;
      await repositories.upsert({
        githubId: found.id,
        owner,
        name: current,
        defaultBranch: found.defaultBranch,
      });
      logger.info({ repository: found.fullName }, "repository is watched");
      return;
    } catch (error) {
      logger.warn(
        { repository, failures, reason: messageOf(error) },
        "a repository could not be registered yet",
      );
      await sleep(backoffMs(failures, retries), signal);
    }
  }
}
