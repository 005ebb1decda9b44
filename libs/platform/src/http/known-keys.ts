import { createHash } from "node:crypto";
import { withTimeout } from "../time/with-timeout.js";

const SECOND_MS = 1000;
/** A minute, in which Prometheus asks at least once unless told otherwise, and what it may be late. */
const KNOWN_FOR_MS = 90 * SECOND_MS;
/** Prometheus gives up after ten seconds, as does a statement. */
const PATIENCE_MS = 2 * SECOND_MS;
const MAX_KNOWN = 100;

interface Known<Found> {
  readonly found: Found;
  readonly usedAtMs: number;
}

/**
 * Finds keys, and goes on with those that were good lately while nobody can be asked: metrics that a key opens would
 * otherwise be gone in the outage that they should show.
 *
 * Kept is the hash, and each use renews it, so that a scraper is served for as long as the outage lasts. A key that is
 * revoked meanwhile is refused as soon as its database can be asked again. That is too weak for what changes anything
 * or shows a run.
 */
export class KnownKeys<Found extends object> {
  /** The one used last comes last. */
  private readonly known = new Map<string, Known<Found>>();

  constructor(
    private readonly ask: (key: string) => Promise<Found | null>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Null when it is no key; throws what asking throws when the key is not known. */
  async find(key: string): Promise<Found | null> {
    const hash = createHash("sha256").update(key).digest("base64");
    const known = this.lately(hash);
    const asking = this.ask(key).then((found) => this.note(hash, found));
    if (known === undefined) return asking;
    try {
      return await withTimeout(asking, PATIENCE_MS, "Finding a key");
    } catch {
      return this.note(hash, known);
    }
  }

  private lately(hash: string): Found | undefined {
    const known = this.known.get(hash);
    return known && this.nowMs() - known.usedAtMs <= KNOWN_FOR_MS
      ? known.found
      : undefined;
  }

  private note(hash: string, found: Found | null): Found | null {
    this.known.delete(hash);
    if (found) this.known.set(hash, { found, usedAtMs: this.nowMs() });
    const [oldest] = this.known.keys();
    if (this.known.size > MAX_KNOWN && oldest !== undefined)
      this.known.delete(oldest);
    return found;
  }
}
