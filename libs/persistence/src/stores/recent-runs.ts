import type { IssueSnapshot } from "./issue-snapshot.js";
import type { LoadedRun } from "./run-record.js";

/** How long a process's own view of a run is tried before it is read again; longer phases do not feel a read. */
const REMEMBERED_MS = 5_000;

/** A run as this process's last transition left it. */
export interface RecentRun {
  readonly run: LoadedRun;
  readonly workItem: IssueSnapshot;
}

/**
 * Runs as the transitions of the last moments left them, so that the next one need not read what this process has just
 * written. They are only tried: a write is refused unless the run still has the version that is remembered.
 */
export class RecentRuns {
  readonly #runs = new Map<string, RecentRun & { readonly atMs: number }>();

  /** Keeps a run for whoever asks with the same key: an attempt that may end, a phase that may be claimed. */
  remember(key: string, recent: RecentRun): void {
    const atMs = performance.now();
    for (const [old, known] of this.#runs) {
      if (atMs - known.atMs < REMEMBERED_MS) break; // The oldest come first.
      this.#runs.delete(old);
    }
    this.#runs.delete(key);
    this.#runs.set(key, { ...recent, atMs });
  }

  /** The run at the database's time of now: never ahead of it, or what is due would not be rung. Gives it once. */
  recall(key: string): RecentRun | undefined {
    const known = this.#runs.get(key);
    if (known === undefined) return undefined;
    this.#runs.delete(key);
    const { run, workItem, atMs } = known;
    const elapsedMs = performance.now() - atMs;
    if (elapsedMs > REMEMBERED_MS) return undefined;
    const clock = new Date(run.clock.getTime() + Math.floor(elapsedMs));
    return { run: { ...run, clock }, workItem };
  }
}
