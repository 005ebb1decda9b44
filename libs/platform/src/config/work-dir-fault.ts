import { codeOf } from "../error/app-error.js";
import type { Config } from "./load-config.js";
import { ConfigurationError } from "./configuration-error.js";

const OTHER_FOLDER = "set a folder that this user may write";
const FULL = "its disk is full: make room there, or set a folder on another";
const IN_THE_WAY = "a file is in its way: set another folder";

/** What people do about it, by Node's code. */
const mends: Readonly<Record<string, string>> = {
  EACCES: OTHER_FOLDER,
  EPERM: OTHER_FOLDER,
  EROFS: OTHER_FOLDER,
  ENOSPC: FULL,
  EDQUOT: FULL,
  EEXIST: IN_THE_WAY,
  ENOTDIR: IN_THE_WAY,
};

/** What Node threw about a file of the work folder, as the fault of its setting; anything else stays as it is. */
export function workDirFault(
  error: unknown,
  { workDir }: Pick<Config, "workDir">,
): unknown {
  const code = codeOf(error) ?? "";
  const mend = mends[code];
  const path = pathOf(error);
  if (mend === undefined || path === undefined) return error;
  if (path !== workDir && !path.startsWith(`${workDir}/`)) return error;
  const problem = `${path} cannot be used (${code}); ${mend}`;
  return new ConfigurationError([{ key: "WORK_DIR", problem }]);
}

function pathOf(error: unknown): string | undefined {
  return error instanceof Error &&
    "path" in error &&
    typeof error.path === "string"
    ? error.path
    : undefined;
}
