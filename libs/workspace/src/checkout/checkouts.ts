import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { hasRoom } from "../files/has-room.js";
import type { Git, GitScope } from "../git/git.js";
import { folderName, sha } from "../git/names.js";
import type { Mirrors } from "../mirror/mirror.js";
import { giveIndex, placeAgentGit } from "./agent-git.js";
import { byAge, visible } from "./by-age.js";
import {
  type Checkout,
  checkoutFolder,
  type CheckoutFolder,
} from "./checkout.js";
import { isOthersAlive, readRecord, writeRecord } from "./checkout-record.js";
import { type CheckOut, checkOut } from "./check-out.js";
import type { OwnedFolders } from "./owned-folders.js";
import { type SparePlan, Spares } from "./spares.js";

const HOUR = 60 * 60_000;
const PARKED_FOR_MS = 6 * HOUR;
const MAX_PARKED = 8;
/** git counts in seconds. */
const YOUNGER_MS = 1_100;

export interface CheckoutPlan {
  readonly attemptId: string;
  /** Tells several checkouts of one attempt apart. */
  readonly purpose?: string;
  readonly repositoryId: string;
  readonly cloneUrl: string;
  readonly branch: string;
  readonly baseBranch: string;
  readonly headSha: string;
  readonly baseTipSha: string;
  readonly remoteSha: string | null;
  /** Which parked trees may be used again. */
  readonly parkingKey: string;
  readonly signal?: AbortSignal | undefined;
}

export interface CheckoutTools {
  readonly git: Git;
  readonly mirrors: Mirrors;
  readonly folders: OwnedFolders;
  readonly searchPath: string;
  /** What came in the way of work in the background. */
  readonly onTrouble: (error: unknown) => void;
  /** Where laying out takes this long, the next tree is laid out ahead. */
  readonly aheadFromMs: number;
  readonly plainUpToBytes: number;
  /** The share of the disk that is left to the runs. */
  readonly keepFree: number;
  /** How many first phases of a base branch there may be at once. */
  readonly atOnce: number;
}

/** Makes, parks and removes the folders that attempts work in. */
export class Checkouts {
  readonly #live: string;
  readonly #parked: string;
  readonly #tools: CheckoutTools;
  readonly #spares: Spares;
  /** By checkout: what is laid out once its attempt is over. */
  readonly #wanted = new Map<string, SparePlan>();

  constructor(root: string, tools: CheckoutTools) {
    this.#live = join(root, "checkouts");
    this.#parked = join(root, "parked");
    this.#tools = tools;
    this.#spares = new Spares(join(root, "spares"), {
      ...tools,
      layOut: async (place, { repositoryId, sha: headSha }, signal) => {
        // For those that come while the spare is taken. It is worth having, and no more.
        await tools.mirrors
          .keepPlain(repositoryId, headSha, {
            maxBytes: tools.plainUpToBytes,
            signal,
          })
          .catch((error: unknown) => {
            if (!signal.aborted) tools.onTrouble(error);
          });
        await this.#layOut(place, repositoryId, { headSha, signal });
        // git reads a file again whose time is not before its index's: written once more, the index is younger than all.
        await sleep(YOUNGER_MS, undefined, { signal });
        const scope = this.#scopeOf(place, repositoryId);
        await tools.git.run(scope, ["read-tree", "--reset", sha(headSha)]);
      },
    });
  }

  async open(): Promise<void> {
    for (const folder of [this.#live, this.#parked]) {
      await this.#tools.folders.make(folder);
      await this.#tools.folders.sweep(folder);
    }
    await this.#spares.open();
  }

  /** Resolves once nothing is laid out in the background. */
  idle(): Promise<void> {
    return this.#spares.idle();
  }

  close(): Promise<void> {
    return this.#spares.close();
  }

  /** Our own git directory of a checkout, with the mirror's objects. */
  scope(checkout: Pick<Checkout, "id" | "repositoryId">): Required<GitScope> {
    return this.#scopeOf(this.folder(checkout), checkout.repositoryId);
  }

  folder(checkout: Pick<Checkout, "id">): CheckoutFolder {
    return checkoutFolder(join(this.#live, checkout.id));
  }

  async make(plan: CheckoutPlan): Promise<Checkout> {
    const { folders } = this.#tools;
    const id = folderName(
      plan.purpose === undefined
        ? plan.attemptId
        : `${plan.attemptId}-${plan.purpose}`,
    );
    const { folder } = this.folder({ id });
    await folders.remove(folder);
    try {
      return await this.#fill(id, plan);
    } catch (error) {
      // A full disk stays full of halves otherwise. What resists is left to the reaper; the first error is what counts.
      await folders.remove(folder).catch(() => undefined);
      throw error;
    }
  }

  async #fill(id: string, plan: CheckoutPlan): Promise<Checkout> {
    const { mirrors, folders } = this.#tools;
    const place = this.folder({ id });
    // Both end before anything is removed.
    const [base, reuse] = await Promise.allSettled([
      this.#forkPoint(plan),
      this.#reuse(id, plan),
    ]);
    const baseSha = valueOf(base);
    const reused = valueOf(reuse);
    if (reused !== "parked") await this.#fresh(id, plan, reused);
    await giveIndex(place.tree, join(place.gitDir, "index"), folders);
    return {
      id,
      attemptId: plan.attemptId,
      repositoryId: plan.repositoryId,
      cloneUrl: plan.cloneUrl,
      branch: plan.branch,
      baseBranch: plan.baseBranch,
      path: place.tree,
      headSha: plan.headSha,
      baseSha,
      baseTipSha: plan.baseTipSha,
      remoteSha: plan.remoteSha,
      readOnly: [mirrors.objects(plan.repositoryId)],
      reused: reused === "parked",
      parkingKey: plan.parkingKey,
    };
  }

  /** Keeps the tree for the next phase of the same run: the last one for a key, and so many in all as there is room. */
  async park(checkout: Pick<Checkout, "id" | "parkingKey">): Promise<void> {
    const to = join(this.#parked, checkout.parkingKey);
    await this.#tools.folders.remove(to);
    await rename(this.folder(checkout).folder, to);
    this.#layOutNext(checkout);
    for (const { name } of (await byAge(this.#parked)).slice(MAX_PARKED))
      await this.#tools.folders.remove(join(this.#parked, name));
    await this.#makeRoom();
  }

  async remove(checkout: Pick<Checkout, "id">): Promise<void> {
    await this.#tools.folders.remove(this.folder(checkout).folder);
    this.#layOutNext(checkout);
  }

  /** Removes what dead attempts left and what was parked too long. Returns the names of what it removed. */
  async reap(liveAttemptIds: ReadonlySet<string>): Promise<string[]> {
    const { folders } = this.#tools;
    const reaped: string[] = [];
    for (const id of await visible(this.#live)) {
      // By its name too: a checkout that is being made has no record yet, or the one of the phase before.
      if ([...liveAttemptIds].some((live) => id.startsWith(folderName(live))))
        continue;
      const record = await readRecord(this.folder({ id }).record);
      if (
        record &&
        (liveAttemptIds.has(record.attemptId) || isOthersAlive(record))
      )
        continue;
      await folders.remove(join(this.#live, id));
      this.#wanted.delete(id);
      reaped.push(id);
    }
    for (const { name, ctimeMs } of await byAge(this.#parked)) {
      if (Date.now() - ctimeMs < PARKED_FOR_MS) continue;
      await folders.remove(join(this.#parked, name));
      reaped.push(name);
    }
    reaped.push(...(await this.#makeRoom()));
    reaped.push(...(await this.#spares.reap()));
    return reaped;
  }

  /** Removes parked trees, the oldest first, until the disk has room enough. Returns their names. */
  async #makeRoom(): Promise<string[]> {
    const { folders, keepFree } = this.#tools;
    const removed: string[] = [];
    if (await hasRoom(this.#parked, keepFree)) return removed;
    for (const { name } of (await byAge(this.#parked)).reverse()) {
      await folders.remove(join(this.#parked, name));
      removed.push(name);
      if (await hasRoom(this.#parked, keepFree)) break;
    }
    return removed;
  }

  /** Takes a parked tree. The rename is the claim: of two who want it, one gets it. */
  async #unpark(key: string, place: CheckoutFolder): Promise<boolean> {
    return rename(join(this.#parked, key), place.folder).then(
      () => true,
      () => false,
    );
  }

  /** Where a tree came from that was there; null when none was of use. */
  async #reuse(
    id: string,
    plan: CheckoutPlan,
  ): Promise<"parked" | "spare" | null> {
    const place = this.folder({ id });
    const from = (await this.#unpark(plan.parkingKey, place))
      ? "parked"
      : (await this.#spares.take(spareOf(plan), place.folder))
        ? "spare"
        : null;
    if (from === null) return null;
    await writeRecord(place.record, plan.attemptId);
    const { headSha, signal } = plan;
    const scope = this.#scopeOf(place, plan.repositoryId);
    // Both end before anything is removed.
    const done = await Promise.allSettled([
      checkOut(this.#tools, scope, { headSha, reused: true, signal }),
      this.#placeAgentGit(place, plan),
    ]);
    if (done.every(({ status }) => status === "fulfilled")) return from;
    // An agent can make a tree unusable, by taking away rights for example; it is then worth nothing to us.
    await this.#tools.folders.remove(place.folder);
    return null;
  }

  #placeAgentGit(place: CheckoutFolder, plan: CheckoutPlan): Promise<void> {
    const { folders, mirrors } = this.#tools;
    const objects = mirrors.objects(plan.repositoryId);
    return placeAgentGit({ ...plan, tree: place.tree, objects }, folders);
  }

  /** A tree that no attempt of the run has had: a spare, or one that is laid out now. */
  async #fresh(
    id: string,
    plan: CheckoutPlan,
    reused: "spare" | null,
  ): Promise<void> {
    const place = this.folder({ id });
    const startedAtMs = performance.now();
    if (reused === null) {
      await this.#makeRoom();
      await this.#tools.folders.make(place.folder);
      await writeRecord(place.record, plan.attemptId);
      await this.#layOut(place, plan.repositoryId, plan);
      await this.#placeAgentGit(place, plan);
    }
    if (
      reused === "spare" ||
      performance.now() - startedAtMs >= this.#tools.aheadFromMs
    )
      this.#wanted.set(id, spareOf(plan));
  }

  #layOutNext({ id }: Pick<Checkout, "id">): void {
    const plan = this.#wanted.get(id);
    if (this.#wanted.delete(id) && plan) this.#spares.want(plan);
  }

  #scopeOf(
    { gitDir, tree }: CheckoutFolder,
    repositoryId: string,
  ): Required<GitScope> {
    const objects = this.#tools.mirrors.objects(repositoryId);
    return { gitDir, workTree: tree, objects };
  }

  async #layOut(
    place: CheckoutFolder,
    repositoryId: string,
    at: Omit<CheckOut, "reused">,
  ): Promise<void> {
    const { folders } = this.#tools;
    const refs = join(place.gitDir, "refs");
    for (const folder of [place.folder, place.gitDir, refs, place.tree])
      await folders.make(folder);
    await mkdir(join(place.gitDir, "objects"));
    await writeFile(
      join(place.gitDir, "config"),
      "[core]\n\trepositoryformatversion = 0\n\tbare = false\n",
    );
    await checkOut(this.#tools, this.#scopeOf(place, repositoryId), {
      ...at,
      reused: false,
    });
  }

  async #forkPoint(plan: CheckoutPlan): Promise<string> {
    const mirror = this.#tools.mirrors.scope(plan.repositoryId);
    if (plan.headSha === plan.baseTipSha) return plan.baseTipSha;
    const args: [string, ...string[]] = [
      "merge-base",
      sha(plan.baseTipSha),
      sha(plan.headSha),
    ];
    const base = await this.#tools.git.text(mirror, args, {
      answers: [1],
      signal: plan.signal,
    });
    // Histories without a common commit: the whole base is what it is compared with.
    return base === "" ? plan.baseTipSha : base;
  }
}

function spareOf(plan: CheckoutPlan): SparePlan {
  const { repositoryId, baseBranch, baseTipSha: sha } = plan;
  return { repositoryId, baseBranch, sha };
}

function valueOf<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}
