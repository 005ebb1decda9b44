import { type Git, type GitScope, records } from "../git/git.js";
import { sha as checkedSha } from "../git/names.js";
import { readText } from "../read/read-file.js";
import {
  broken,
  CONFIG_FILE,
  configuredCommands,
} from "./configured-commands.js";
import { detectCommands } from "./detectors.js";
import type { FoundCommands } from "./repository-command.js";

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

/**
 * The repository's own commands as of a commit: those that it names itself, else what its files suggest; never these where
 * what it names is broken, for they may prove less.
 */
export async function discoverCommands(
  git: Git,
  scope: GitScope,
  sha: string,
): Promise<FoundCommands> {
  const { stdout } = await git.run(scope, [
    "ls-tree",
    "-z",
    "--name-only",
    checkedSha(sha),
  ]);
  const names = new Set(records(stdout));
  if (names.has(CONFIG_FILE)) {
    const text = await readText(git, scope, sha, CONFIG_FILE);
    if (text === null) return broken("must be a file of 8 MiB or less");
    const configured = configuredCommands(text);
    if (configured) return configured;
  }
  const texts = new Map<string, string>();
  for (const name of READ.filter((one) => names.has(one)))
    texts.set(name, (await readText(git, scope, sha, name)) ?? "");
  return {
    kind: "found",
    commands: detectCommands({
      has: (name) => names.has(name),
      text: (name) => texts.get(name) ?? "",
    }),
  };
}
