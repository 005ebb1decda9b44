import {
  createGitHub,
  isAtLeast,
  isGitHubError,
  parseRepositoryName,
  type GitHub,
  type RepositoryName,
} from "@pullwright/github";
import { messageOf, type Config } from "@pullwright/platform";
import { fail, ok, warn, type Check, type Finding } from "./check.js";
import { checkHooks } from "./hooks.js";
import { checkPermissions } from "./permissions.js";

const MEND = "See docs/github-permissions.md for what the credentials need.";
/** Four questions a repository that look like writes and make nothing; GitHub's advice is for writes that do. */
const questions = { burst: 60, maxWaitMs: 60_000 };

export const checkGitHub: Check = async ({ config }) => {
  if (config.github.credentials === undefined)
    return [
      fail(
        "github",
        "There are no credentials.",
        "Set GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY.",
      ),
    ];
  const github = createGitHub(config.github, { writePace: questions });
  try {
    const self = await github.identity();
    const as =
      self === null
        ? "which does not tell us who we are (GET /user)"
        : `as ${self.login} (${self.via})`;
    return [
      ok("github", `${config.github.apiUrl}, ${as}`),
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
  config: Config,
): Promise<Finding[]> {
  const { repositories } = config;
  if (repositories.length === 0)
    return [
      warn(
        "repositories",
        "REPOSITORIES names none.",
        "Set REPOSITORIES=owner/name, or register one through the API.",
      ),
    ];
  const seen = await Promise.all(
    repositories.map((fullName) => checkRepository(github, fullName)),
  );
  const reached = seen.flatMap(({ reached: name }) => name ?? []);
  return [
    ...seen.flatMap(({ findings }) => findings),
    ...(await checkHooks(github, config, reached)),
  ];
}

interface Seen {
  readonly findings: readonly Finding[];
  readonly reached?: RepositoryName;
}

/** Reads what Pullwright reads first, and asks what it may do. */
async function checkRepository(
  github: GitHub,
  fullName: string,
): Promise<Seen> {
  const check = `repository ${fullName}`;
  const name = parseRepositoryName(fullName);
  const failed = (detail: string, mend: string): Seen => ({
    findings: [fail(check, detail, mend)],
  });
  if (name === undefined)
    return failed("This is no owner/name.", "Mend REPOSITORIES.");
  try {
    const repository = await github.repositories.get(name);
    if (repository.isArchived)
      return failed("It is archived.", "Unarchive it.");
    const lack = await lackOfRole(github, name);
    const { isPrivate, defaultBranch } = repository;
    const permissions = await checkPermissions(github, name, isPrivate);
    const findings =
      lack === undefined
        ? [
            ok(check, `Reached; default branch ${defaultBranch}`),
            ...permissions,
          ]
        : // Rights without the role for them are worth nothing.
          [
            fail(check, lack, MEND),
            ...permissions.filter(({ status }) => status !== "ok"),
          ];
    return { findings, reached: name };
  } catch (error) {
    const detail = isGitHubError(error, "not_found")
      ? "GitHub does not show it to us."
      : messageOf(error);
    return failed(detail, MEND);
  }
}

/** Why our account's role is not enough; an App has no role, and is asked for its permissions alone. */
async function lackOfRole(
  github: GitHub,
  name: RepositoryName,
): Promise<string | undefined> {
  if (github.isApp) return undefined;
  try {
    const self = await github.identity();
    if (self === null) return undefined;
    const role = await github.permissions.of(name, self);
    return isAtLeast(role, "write") ? undefined : `We may only ${role}.`;
  } catch (error) {
    // Who may not write is not told their role either.
    if (isGitHubError(error, "forbidden")) return messageOf(error);
    throw error;
  }
}
