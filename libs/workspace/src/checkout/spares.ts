import { rename } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";

import { exists } from "../files/exists.js";
import { hasRoom } from "../files/has-room.js";
import { byAge } from "./by-age.js";
import { type CheckoutFolder, checkoutFolder } from "./checkout.js";
import type { OwnedFolders } from "./owned-folders.js";
import { parkingKey } from "./parking-key.js";

/** Over a weekend: the first run of a week needs it most. */
const KEPT_FOR_MS = 7 * 24 * 60 * 60_000;
const MAX_BASE_BRANCHES = 4;

export interface SparePlan {
  readonly repositoryId: string;
  readonly baseBranch: string;
  readonly sha: string;
}

export interface SpareTools {
  readonly folders: OwnedFolders;
  /** Makes a checkout's folder at a commit. */
  readonly layOut: (
    place: CheckoutFolder,
    plan: SparePlan,
    signal: AbortSignal,
  ) => Promise<void>;
  /** The share of the disk that is left to the runs. */
  readonly keepFree: number;
  /** How many of a base branch there may be. */
  readonly atOnce: number;
  /** What came in the way of a spare; nobody waits for one. */
  readonly onTrouble: (error: unknown) => void;
}

/**
 * Trees that are laid out ahead of need, so that the first phase of a run need not wait for a large repository's files: of
 * a base branch as many as runs have lately taken or missed at once. No agent has ever worked in one; whoever takes it
 * makes it equal to the commit that is wanted.
 */
export class Spares {
  readonly #folder: string;
  readonly #tools: SpareTools;
  readonly #making = new Set<Promise<void>>();
  /** The names of those that are being laid out. */
  readonly #begun = new Set<string>();
  readonly #stopped = new AbortController();

  constructor(folder: string, tools: SpareTools) {
    this.#folder = folder;
    this.#tools = tools;
  }

  async open(): Promise<void> {
    await this.#tools.folders.make(this.#folder);
    await this.#tools.folders.sweep(this.#folder);
  }

  /** Moves a spare to where it is needed, if there is one. The rename is the claim: of two who want it, one gets it. */
  async take(plan: SparePlan, to: string): Promise<boolean> {
    for (const name of this.#namesOf(plan)) {
      const isTaken = await rename(join(this.#folder, name), to).then(
        () => true,
        () => false,
      );
      if (isTaken) return true;
    }
    return false;
  }

  /** Begins to lay one out, unless as many as there may be are there or begun already. */
  want(plan: SparePlan): void {
    if (this.#stopped.signal.aborted) return;
    const made = this.#makeNext(plan)
      .catch((error: unknown) => {
        if (!this.#stopped.signal.aborted) this.#tools.onTrouble(error);
      })
      .finally(() => this.#making.delete(made));
    this.#making.add(made);
  }

  /** Resolves once nothing is being laid out. */
  async idle(): Promise<void> {
    await Promise.all(this.#making);
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    await this.idle();
  }

  /** Removes what nobody took for long, and what is too much, be it for the disk. Returns the names of what it removed. */
  async reap(): Promise<string[]> {
    const kept = await byAge(this.#folder);
    const most = (await this.#hasRoom())
      ? MAX_BASE_BRANCHES * this.#tools.atOnce
      : 0;
    const old = kept
      .filter(
        ({ ctimeMs }, index) =>
          index >= most || Date.now() - ctimeMs > KEPT_FOR_MS,
      )
      .map(({ name }) => name);
    for (const name of old)
      await this.#tools.folders.remove(join(this.#folder, name));
    return old;
  }

  #hasRoom(): Promise<boolean> {
    return hasRoom(this.#folder, this.#tools.keepFree);
  }

  #namesOf({ repositoryId, baseBranch }: SparePlan): string[] {
    return Array.from({ length: this.#tools.atOnce }, (_, index) =>
      parkingKey(
        repositoryId,
        baseBranch,
        index === 0 ? "spare" : `spare ${(index + 1).toString()}`,
      ),
    );
  }

  async #makeNext(plan: SparePlan): Promise<void> {
    for (const name of this.#namesOf(plan)) {
      if (this.#begun.has(name)) continue;
      this.#begun.add(name);
      try {
        if (await exists(join(this.#folder, name))) continue;
        await this.#make(name, plan);
        return;
      } finally {
        this.#begun.delete(name);
      }
    }
  }

  async #make(name: string, plan: SparePlan): Promise<void> {
    const { folders, layOut } = this.#tools;
    const finished = join(this.#folder, name);
    if (!(await this.#hasRoom())) return;
    // Named as what is removed is: should we die, the next sweep finds it.
    const place = checkoutFolder(join(this.#folder, `.gone-${randomUUID()}`));
    try {
      await layOut(place, plan, this.#stopped.signal);
      await rename(place.folder, finished);
    } catch (error) {
      await folders.remove(place.folder);
      // Another runner of the same folder was faster.
      if (!(await exists(finished))) throw error;
    }
  }
}
