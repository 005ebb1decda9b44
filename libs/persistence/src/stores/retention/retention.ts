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
  /** False when the signal ended it; the next sweep goes on. */
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

  async sweep(
    policy: RetentionPolicy,
    by: DoneBy,
    signal: AbortSignal,
  ): Promise<Sweep> {
    const removed: Record<string, number> = {};
    for (const kind of wantedBy(policy)) {
      const days = policy[kind.keptFor];
      const count = await this.#removeAll(kind, days, by, signal);
      if (count > 0) removed[kind.name] = count;
      if (signal.aborted) return { removed, isDone: false };
    }
    return { removed, isDone: true };
  }

  /** Told in the audit even when it breaks off. */
  async #removeAll(
    kind: Outdated,
    days: number,
    by: DoneBy,
    signal: AbortSignal,
  ): Promise<number> {
    let count = 0;
    try {
      let next: string | null = FROM_THE_START;
      while (next !== null && !signal.aborted) {
        const batch = await kind.removeSome(this.database, days, next, by);
        count += batch.removed;
        next = batch.next;
      }
    } finally {
      if (count > 0)
        await this.audit.record({
          by,
          action: "retention.removed",
          details: { kind: kind.name, count, older_than_days: days },
        });
    }
    return count;
  }
}

function wantedBy(policy: RetentionPolicy): readonly Outdated[] {
  return kinds.filter(({ keptFor }) => policy[keptFor] > 0);
}
