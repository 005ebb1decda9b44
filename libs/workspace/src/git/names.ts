import { createHash } from "node:crypto";

import { GitError } from "./git-error.js";

const SHA = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const FOLDER_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
/** What git forbids in a ref, and the control characters. */
const FORBIDDEN_IN_REF =
  /[\0-\x20\x7f~^:?*[\\]|\.\.|@\{|\/\/|\.$|\/$|^\/|^-|^@$/;

/** Whether git would take this as the name of a branch, and no option could be made of it. */
export function isBranchName(name: string): boolean {
  if (name.length === 0 || name.length > 240 || FORBIDDEN_IN_REF.test(name))
    return false;
  return name
    .split("/")
    .every((part) => !part.startsWith(".") && !part.endsWith(".lock"));
}

/** The branch's full ref. Throws `INVALID_NAME` on a name that git would read as something else. */
export function branchRef(name: string): string {
  if (!isBranchName(name))
    throw new GitError(
      "INVALID_NAME",
      `${JSON.stringify(name)} is no name for a branch.`,
    );
  return `refs/heads/${name}`;
}

/** Where a mirror keeps what it saw of a branch on the remote. */
export function seenRef(branch: string): string {
  return branchRef(branch).replace("refs/heads/", "refs/pullwright/seen/");
}

/** The commit id itself. Throws `INVALID_NAME` on anything else: no name and no expression reaches git's parser. */
export function sha(value: string): string {
  if (!SHA.test(value))
    throw new GitError(
      "INVALID_NAME",
      `${JSON.stringify(value)} is no commit id.`,
    );
  return value;
}

/** A name for a folder of its own: ids that are safe stay readable, others are hashed. */
export function folderName(id: string): string {
  return FOLDER_NAME.test(id)
    ? id
    : createHash("sha256").update(id).digest("hex").slice(0, 40);
}
