import { fullNameOf, type Lack } from "@pullwright/github";
import { messageOf, type Logger } from "@pullwright/platform";

/** Says once a repository, and not at each request, what Pullwright does without there. */
export function tellLacks(logger: Logger): (lack: Lack) => void {
  const told = new Set<string>();
  return ({ what, repository, error }) => {
    const name = repository === undefined ? "all" : fullNameOf(repository);
    const key = `${name} ${what}`;
    if (told.has(key)) return;
    told.add(key);
    logger.warn(
      { repository: name, reason: messageOf(error) },
      `GitHub does not tell us ${what}; Pullwright does without`,
    );
  };
}
