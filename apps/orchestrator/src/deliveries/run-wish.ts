import type { Account, Issue } from "@pullwright/github";
import type { Repository } from "@pullwright/persistence";
import type { ReadAhead } from "./read-ahead.js";

/** An accepted wish for a run. */
export interface RunWish {
  readonly cause: string;
  readonly source: "label" | "comment";
  /** The delivery that told of it. */
  readonly deliveryId: string;
  readonly repository: Repository;
  readonly issue: Issue;
  /** What was asked about the issue already. */
  readonly ahead: ReadAhead;
  /** Whether its text is the one that was there when it was asked for; otherwise it is what stands there now. */
  readonly isAsSeen: boolean;
  readonly actor: Account;
  /** When it was asked for, on GitHub's clock. */
  readonly askedAt: string;
  /** Null means the default one. */
  readonly workflow: string | null;
  readonly agent: string | null;
  readonly model: string | null;
  /** Narrows the installation's limit. US dollars. */
  readonly budgetUsd: number | null;
}
