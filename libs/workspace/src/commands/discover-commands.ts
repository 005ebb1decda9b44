import { type Git, type GitScope, records } from "../git/git.js";
import { sha as checkedSha } from "../git/names.js";
import { readText } from "../read/read-file.js";
import { CONFIG_FILE, configuredCommands } from "./configured-commands.js";
import { detectCommands } from "./detectors.js";
import type { RepositoryCommand } from "./repository-command.js";

const READ = [
  "package.json",
  "GNUmakefile",
  "makefile",
  "Makefile",
  "pyproject.toml",
  "setup.cfg",
  "tox.ini",
  "requirements-dev.txt",
];

/** The repository's own commands as of a commit: those that it names itself, else what its files suggest. Empty: none. */
export async function discoverCommands(
  git: Git,
  scope: GitScope,
  sha: string,
): Promise<RepositoryCommand[]> {
  const { stdout } = await git.run(scope, [
    "ls-tree",
    "-z",
    "--name-only",
    checkedSha(sha),
  ]);
  const names = new Set(records(stdout));
  if (names.has(CONFIG_FILE)) {
    const configured = configuredCommands(
      (await readText(git, scope, sha, CONFIG_FILE)) ?? "",
    );
    if (configured) return configured;
  }
  const texts = new Map<string, string>();
  for (const name of READ.filter((one) => names.has(one)))
    texts.set(name, (await readText(git, scope, sha, name)) ?? "");
  return detectCommands({
    has: (name) => names.has(name),
    text: (name) => texts.get(name) ?? "",
  });
}
