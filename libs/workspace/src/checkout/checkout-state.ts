import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { OwnedFolders } from "./owned-folders.js";

/**
 * What we must remember of a checkout between two calls. It lies in our own git directory, which no agent sees, and goes
 * when the tree is used again.
 */
export class CheckoutState {
  readonly #gitDir: string;
  readonly #folders: OwnedFolders;

  constructor(gitDir: string, folders: OwnedFolders) {
    this.#gitDir = gitDir;
    this.#folders = folders;
  }

  /** The commit that the next one follows. */
  async head(): Promise<string> {
    return (await readFile(join(this.#gitDir, "HEAD"), "utf8")).trim();
  }

  async moveHead(to: string): Promise<void> {
    await this.#write("HEAD", `${to}\n`);
  }

  /** The commit that is being merged. */
  async mergeHead(): Promise<string | undefined> {
    return (await this.#read("MERGE_HEAD"))?.trim();
  }

  async endMerge(): Promise<void> {
    const names = [
      "MERGE_HEAD",
      "MERGE_MSG",
      "MERGE_MODE",
      "AUTO_MERGE",
      "ORIG_HEAD",
      "pullwright-conflicts",
    ];
    for (const name of names)
      await rm(join(this.#gitDir, name), { force: true });
  }

  /** Files in which the agent was asked to settle a conflict. */
  conflicts(): Promise<string[]> {
    return this.#readList("pullwright-conflicts");
  }

  async keepConflicts(paths: readonly string[]): Promise<void> {
    await this.#write("pullwright-conflicts", JSON.stringify(paths));
  }

  /** Files that were put back to their state on base. */
  restored(): Promise<string[]> {
    return this.#readList("pullwright-restored");
  }

  async keepRestored(paths: readonly string[]): Promise<void> {
    const all = new Set([...(await this.restored()), ...paths]);
    await this.#write("pullwright-restored", JSON.stringify([...all]));
  }

  async #readList(name: string): Promise<string[]> {
    const text = await this.#read(name);
    return text === undefined ? [] : (JSON.parse(text) as string[]); // Written by us alone.
  }

  async #read(name: string): Promise<string | undefined> {
    return readFile(join(this.#gitDir, name), "utf8").catch(() => undefined);
  }

  async #write(name: string, content: string): Promise<void> {
    await writeFile(join(this.#gitDir, name), content);
    await this.#folders.own(join(this.#gitDir, name));
  }
}
