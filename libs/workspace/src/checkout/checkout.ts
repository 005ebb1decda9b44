import { join } from "node:path";

/** A working tree at a commit, made for one attempt. Plain data: it can be stored and used by name later. */
export interface Checkout {
  /** Names its folder. */
  readonly id: string;
  readonly attemptId: string;
  readonly repositoryId: string;
  readonly cloneUrl: string;
  readonly branch: string;
  readonly baseBranch: string;
  /** The working tree, which the agent gets. */
  readonly path: string;
  readonly headSha: string;
  /** Where the branch forked from its base. */
  readonly baseSha: string;
  /** The tip of the base branch. */
  readonly baseTipSha: string;
  /** The branch on the remote as last seen; null when it is not there. What a push expects. */
  readonly remoteSha: string | null;
  /** What a sandbox must show read-only, so that git works inside: the objects of the agent's own throw-away `.git`. */
  readonly readOnly: readonly string[];
  /** Whether the tree of an earlier phase was used again. */
  readonly reused: boolean;
  /** Under what its tree is kept for later. */
  readonly parkingKey: string;
}

/** The parts of a checkout's folder. */
export interface CheckoutFolder {
  readonly folder: string;
  /** Ours: index, HEAD, the state of a merge. Never seen by an agent. */
  readonly gitDir: string;
  /** The agent's. */
  readonly tree: string;
  readonly record: string;
}

export function checkoutFolder(folder: string): CheckoutFolder {
  return {
    folder,
    gitDir: join(folder, "git"),
    tree: join(folder, "tree"),
    record: join(folder, "record.json"),
  };
}
