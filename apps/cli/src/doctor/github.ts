import {
  createGitHub,
  isGitHubError,
  parseRepositoryName,
  type GitHub,
} from "@pullwright/github";
import { messageOf, type Config } from "@pullwright/platform";
import { fail, ok, warn, type Check, type Finding } from "./check.js";

const MEND = "See docs/github-permissions.md for what the credentials need.";

export const checkGitHub: Check = async ({ config }) => {
  if (config.github.credentials === undefined)
    return [
      fail(
        "github",
        "There are no credentials.",
        "Set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.",
      ),
    ];
  const github = createGitHub(config.github);
  try {
    const { login, via } = await github.identity();
    return [
      ok("github", `${config.github.apiUrl}, as ${login} (${via})`),
      ...(await checkRepositories(github, config)),
    ];
  } catch (error) {
    const mend = isGitHubError(error, "unavailable")
      ? "Check GITHUB_API_URL and the network."
      : MEND;
    return [fail("github", messageOf(error), mend)];
  }
};

async function checkRepositories(
  github: GitHub,
  { repositories }: Config,
): Promise<Finding[]> {
  if (repositories.length === 0)
    return [
      warn(
        "repositories",
        "REPOSITORIES names none.",
        "Set REPOSITORIES=owner/name, or register one through the API.",
      ),
    ];
  return Promise.all(
    repositories.map((fullName) => checkRepository(github, fullName)),
  );
}

/** Reads what Pullwright reads first, and asks what it may do. */
async function checkRepository(
  github: GitHub,
  fullName: string,
): Promise<Finding> {
  const check = `repository ${fullName}`;
  const name = parseRepositoryName(fullName);
  if (name === undefined)
    return fail(check, "This is no owner/name.", "Mend REPOSITORIES.");
  try {
    const repository = await github.repositories.get(name);
    if (repository.isArchived)
      return fail(check, "It is archived.", "Unarchive it.");
    if (!github.isApp) {
      const permission = await github.permissions.of(
        name,
        await github.identity(),
      );
      if (!["write", "maintain", "admin"].includes(permission))
        return fail(check, `We may only ${permission}.`, MEND);
    }
    return ok(check, `Reached; default branch ${repository.defaultBranch}`);
  } catch (error) {
    const detail = isGitHubError(error, "not_found")
      ? "GitHub does not show it to us."
      : messageOf(error);
    return fail(check, detail, MEND);
  }
}
