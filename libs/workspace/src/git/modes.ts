/** Of a path that is not there, in the output of `git diff --raw`. */
export const NOTHING = "000000";
export const EXECUTABLE = "100755";
export const SYMLINK = "120000";
/** A submodule. */
export const GITLINK = "160000";

/** Whether a mode is that of a file: no link, submodule or folder. */
export const isFile = (mode: string | undefined): boolean =>
  mode === "100644" || mode === EXECUTABLE;
