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

export interface Registration {
  /** Once each was asked for, with or without success. */
  readonly tried: Promise<unknown>;
  /** Once each is registered, or the tries have ended. */
  readonly done: Promise<unknown>;
}

/**
 * Enters the configured repositories (`owner/name`) by what GitHub knows of them: id, present name and default branch.
 *
 * Goes on until each is registered: GitHub or Postgres may be away, and the rights to a repository may come later.
 * Harmless to repeat and to do from several processes.
 */
export function registerRepositories(
  fullNames: readonly string[],
  parts: RegistrationParts,
): Registration {
  // The setting takes no name that this would drop.
  const names = fullNames.flatMap((name) => parseRepositoryName(name) ?? []);
  const each = names.map((name) => {
    const tried = isRegistered(name, 1, parts);
    const done = async () => {
      if (!(await tried)) await keepTrying(name, parts);
    };
    return { tried, done: done() };
  });
  return {
    tried: Promise.all(each.map(({ tried }) => tried)),
    done: Promise.all(each.map(({ done }) => done)),
  };
}

async function keepTrying(
  name: RepositoryName,
  parts: RegistrationParts,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    await sleep(backoffMs(tries, retries), parts.signal);
    if (parts.signal.aborted) return;
    if (await isRegistered(name, tries + 1, parts)) return;
  }
}

/** Tries it once. */
async function isRegistered(
  name: RepositoryName,
  tries: number,
  { github, repositories, logger }: RegistrationParts,
): Promise<boolean> {
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
    return true;
  } catch (error) {
    const repository = `${name.owner}/${name.name}`;
    logger.warn(
      { repository, failures: tries, reason: messageOf(error) },
      "a repository could not be registered yet",
    );
    return false;
  }
}
