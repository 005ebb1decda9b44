import { messageOf } from "@pullwright/platform";
import type { Database } from "../../database.js";
import type { DoneBy } from "../audit-note.js";
import type { Audit } from "../audit.js";
import { auditEvents, runHistory } from "./audit-trail.js";
import { endedRuns } from "./ended-runs.js";
import { llmCalls, messages } from "./in-order.js";
import { logDays } from "./log-days.js";
import { artifacts, logLines } from "./oldest-first.js";
import {
  FROM_THE_START,
  type Outdated,
  type RetentionPolicy,
} from "./outdated.js";
import { payloads } from "./payloads.js";
import { replies } from "./replies.js";

/** Runs first: what hangs on them need not be looked for by itself. */
export const kinds: readonly Outdated[] = [
  endedRuns,
  logDays,
  logLines,
  messages,
  llmCalls,
  artifacts,
  payloads,
  replies,
  runHistory,
  auditEvents,
];

/** How much of each kind. */
export type RetentionCounts = Readonly<Record<string, number>>;

export interface Sweep {
  readonly removed: RetentionCounts;
  /** One for each kind of which something could not be removed, named by its message. */
  readonly failed: readonly Error[];
  /** False when the signal ended it or a kind failed; the next sweep goes on. */
  readonly isDone: boolean;
}

/** Removes what is older than the policy keeps it, in small pieces; to be broken off and done again at any time. */
export class Retention {
  constructor(
    private readonly database: Database,
    private readonly audit: Audit,
  ) {}

  /** What a sweep would remove now. */
  async survey(policy: RetentionPolicy): Promise<RetentionCounts> {
    const counts: Record<string, number> = {};
    for (const kind of wantedBy(policy))
      counts[kind.name] = await kind.count(this.database, policy[kind.keptFor]);
    return counts;
  }

  /** A kind that fails keeps no other from being removed. */
  async sweep(
    policy: RetentionPolicy,
    by: DoneBy,
    signal: AbortSignal,
  ): Promise<Sweep> {
    const removed: Record<string, number> = {};
    const failed: Error[] = [];
    for (const kind of wantedBy(policy)) {
      const days = policy[kind.keptFor];
      try {
        await this.#removeAll(kind, days, by, signal, removed);
      } catch (cause) {
        failed.push(new Error(`${kind.name}: ${messageOf(cause)}`, { cause }));
      }
      if (signal.aborted) return { removed, failed, isDone: false };
    }
    return { removed, failed, isDone: failed.length === 0 };
  }

  /** Counted in `removed`, and told in the audit, even when it breaks off. */
  async #removeAll(
    kind: Outdated,
    days: number,
    by: DoneBy,
    signal: AbortSignal,
    removed: Record<string, number>,
  ): Promise<void> {
    let count = 0;
    try {
      let next: string | null = FROM_THE_START;
      while (next !== null && !signal.aborted) {
        const batch = await kind.removeSome(this.database, days, next, by);
        count += batch.removed;
        next = batch.next;
      }
    } finally {
      if (count > 0) {
        removed[kind.name] = count;
        await this.audit.record({
          by,
          action: "retention.removed",
          details: { kind: kind.name, count, older_than_days: days },
        });
      }
    }
  }
}

function wantedBy(policy: RetentionPolicy): readonly Outdated[] {
  return kinds.filter(({ keptFor }) => policy[keptFor] > 0);
}
