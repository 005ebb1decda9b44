import {
  chmod,
  chown,
  lstat,
  mkdir,
  readdir,
  rename,
  stat,
} from "node:fs/promises";
import { createHash, randomUUID } from "node:crypto";
import { basename, dirname, join, parse } from "node:path";

import { eraseFolder, type Identity, runTool } from "@pullwright/sandbox";

/** Makes and removes folders that belong to the user who runs git and the agents. */
export class OwnedFolders {
  readonly owner: Identity | undefined;
  readonly #searchPath: string;

  constructor(owner: Identity | undefined, searchPath: string) {
    this.owner = owner;
    this.#searchPath = searchPath;
  }

  async make(path: string): Promise<void> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await this.own(path);
  }

  async own(path: string): Promise<void> {
    if (this.owner) await chown(path, this.owner.uid, this.owner.gid);
  }

  /** Gives everything below a folder to the owner, when it was made by another user. */
  async adopt(path: string): Promise<void> {
    const { uid } = await stat(path);
    const wanted = this.owner ?? {
      uid: process.getuid?.() ?? uid,
      gid: process.getgid?.() ?? 0,
    };
    if (uid !== wanted.uid)
      await this.#tool("chown", [
        "-R",
        "-h",
        `${wanted.uid}:${wanted.gid}`,
        path,
      ]);
  }

  /** Removes a folder whatever an agent has done to its permissions, by way of one on the same file system. */
  async remove(path: string, by = dirname(path)): Promise<void> {
    // Moved first: a name that is gone cannot be half a checkout, however we end.
    const aside = join(by, `.gone-${randomUUID()}`);
    try {
      await rename(path, aside);
    } catch {
      return; // It does not exist.
    }
    await eraseFolder(aside, this.#searchPath);
  }

  /** Removes what earlier removals left because their process was killed. */
  async sweep(folder: string): Promise<void> {
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((one) => one.startsWith(".gone-")))
      await eraseFolder(join(folder, name), this.#searchPath);
  }

  async #tool(command: string, args: string[]): Promise<void> {
    await runTool({ command, args, cwd: "/", env: { PATH: this.#searchPath } });
  }
}

/**
 * A root that the owner can reach. Root often works below a folder of its own (0700), where nobody else can enter; then
 * the data lies in a folder of the same name in `/var/tmp`.
 */
export async function reachableRoot(
  root: string,
  owner: Identity | undefined,
): Promise<string> {
  await mkdir(root, { recursive: true, mode: 0o755 });
  if (!owner || (await canReach(root, owner))) return root;
  const name = `pullwright-${createHash("sha256").update(root).digest("hex").slice(0, 12)}-${basename(root)}`;
  const elsewhere = join("/var/tmp", name);
  await mkdir(elsewhere, { recursive: true, mode: 0o755 });
  // Somebody else may have made it first: it must be ours, and a folder.
  const found = await lstat(elsewhere);
  if (!found.isDirectory() || found.uid !== process.getuid?.())
    throw new Error(`${elsewhere} belongs to another user.`);
  await chmod(elsewhere, 0o755);
  return elsewhere;
}

async function canReach(path: string, owner: Identity): Promise<boolean> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid, gid } = await stat(folder);
    const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (folder === parse(folder).root) return true;
  }
}
