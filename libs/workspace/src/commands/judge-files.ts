import { posix } from "node:path";

import { EXECUTABLE } from "../git/modes.js";
import type { RepositoryCommand } from "./repository-command.js";

/** A tool that takes its orders from a file of one of several names; of two in a folder it obeys one. */
interface TaskRunner {
  readonly programs: readonly string[];
  readonly files: RegExp;
  /** Files that its own include. */
  readonly parts: RegExp;
}

const MAKE: TaskRunner = {
  programs: ["make", "gmake", "bmake"],
  files: /^(?:GNU|BSD)?[Mm]akefile$/,
  parts: /\.(?:mk|mak)$/,
};
const RUNNERS: readonly TaskRunner[] = [
  MAKE,
  { programs: ["just"], files: /^\.?justfile$/i, parts: /\.just$/ },
  {
    programs: ["task", "go-task"],
    files: /^taskfile(?:\.dist)?\.ya?ml$/i,
    parts: /^taskfile_[^/]+\.ya?ml$/i,
  },
];

/** Programs that a repository brings along to build and test itself, and what they read. */
const WRAPPERS =
  /(?:^|\/)(?:(?:gradlew|mvnw)(?:\.bat|\.cmd)?|gradle\/wrapper\/[^/]+|\.yarn\/(?:releases|plugins)\/.+)$/;
/** Options that Maven takes from the repository, `-DskipTests` for one, whether base has some or not. */
const OPTIONS = /(?:^|\/)\.mvn\/.+$/;
/** Where task runners remember what was done already: a result that is found there is not asked for again. */
const MEMORIES = /(?:^|\/)\.(?:gradle|nx|task|turbo)\/.+$/;
/** Found before the tool whose name they have: npm and composer look there first, Python at the top, where it stands. */
const STAND_INS =
  /(?:^|\/)(?:node_modules\/\.bin|vendor\/bin)\/[^/]+$|^pytest(?:\.py|\/.+)$/;
const SHELL_SCRIPT = /\.(?:sh|bash)$/;

/** Whether a file, by its name, says what commands do: such files are base's as a whole. */
export function isJudgeFile(path: string): boolean {
  const name = posix.basename(path);
  return (
    WRAPPERS.test(path) ||
    OPTIONS.test(path) ||
    MEMORIES.test(path) ||
    STAND_INS.test(path) ||
    RUNNERS.some(({ files, parts }) => files.test(name) || parts.test(name))
  );
}

/** Whether make takes its orders from it, or from a file that includes it. */
export function isMakeFile(path: string): boolean {
  const name = posix.basename(path);
  return MAKE.files.test(name) || MAKE.parts.test(name);
}

/** Whether a command runs this file, or one of its name in the folder that it goes to. Tests that it names do not count. */
export function isRunBy(
  commands: readonly RepositoryCommand[],
  path: string,
  mode: string,
): boolean {
  if (mode !== EXECUTABLE && !SHELL_SCRIPT.test(path)) return false;
  return wordsOf(commands).some(
    (word) => word !== "" && `/${path}`.endsWith(`/${word}`),
  );
}

/** Whether a judge's file that base lacks would be obeyed beside base's own, or in their place. */
export function isIntruder(
  path: string,
  onBase: readonly string[],
  commands: readonly RepositoryCommand[],
): boolean {
  if ([OPTIONS, MEMORIES, STAND_INS].some((one) => one.test(path))) return true;
  const { dir, base: name } = posix.parse(path);
  return RUNNERS.some(({ programs, files, parts }) => {
    const isRun = wordsOf(commands).some((word) => programs.includes(word));
    const there = onBase.filter((one) => files.test(posix.basename(one)));
    if (parts.test(name)) return isRun || there.length > 0;
    if (!files.test(name)) return false;
    return (
      (isRun && dir === "") ||
      there.some((one) => posix.dirname(one) === (dir || "."))
    );
  });
}

/** The words of the commands, those of a text for the shell one by one, without the `./` that programs have. */
function wordsOf(commands: readonly RepositoryCommand[]): string[] {
  return commands.flatMap(({ argv }) =>
    argv.flatMap((text) =>
      text
        .split(/[\s;&|()<>"'`=]+/)
        .map((word) => word.replace(/^(?:\.\/)+/, "")),
    ),
  );
}
