import type { SseConnection } from "./sse-connection.js";

/** Some entries in a row, encoded once for all readers. */
export interface Batch {
  readonly first: number;
  readonly last: number;
  readonly frame: Buffer;
}

/** Reads what follows a position; `isLast` when nothing more is there now. */
export type ReadAfter = (
  position: number,
) => Promise<{ readonly batch: Batch | null; readonly isLast: boolean }>;

interface Follower {
  readonly connection: SseConnection;
  /** The last entry that was written to it. */
  position: number;
  isReading: boolean;
  /** News came while it was reading. */
  isStale: boolean;
  /** To be sent once it has everything. */
  lastFrame?: Buffer;
}

/**
 * One numbered sequence (a run's log, a run's events) and everybody who follows it: no gap and no double.
 *
 * A follower that stands right before a live batch gets that shared buffer; any other one (just come, slow, or after a lost
 * live event) reads from the table what it lacks. Those who stand at the same place share the read.
 */
export class Feed {
  readonly #followers = new Set<Follower>();
  readonly #reads = new Map<number, ReturnType<ReadAfter>>();
  #pending: Batch[] = [];

  constructor(
    private readonly readAfter: ReadAfter,
    private readonly onError: (error: unknown) => void,
  ) {}

  get isEmpty(): boolean {
    return this.#followers.size === 0;
  }

  add(connection: SseConnection, position: number): void {
    const follower: Follower = {
      connection,
      position,
      isReading: false,
      isStale: false,
    };
    this.#followers.add(follower);
    void this.#catchUp(follower);
  }

  remove(connection: SseConnection): void {
    for (const follower of this.#followers)
      if (follower.connection === connection) this.#followers.delete(follower);
  }

  /** Live entries; those that come together are written together. */
  push(batch: Batch): void {
    if (this.#pending.length === 0) setImmediate(() => this.#deliver());
    this.#pending.push(batch);
  }

  /** Something new may be in the table. */
  nudge(): void {
    this.#reads.clear(); // A read that is under way may have begun before it.
    for (const follower of this.#followers) void this.#catchUp(follower);
  }

  /** Sends everybody who is here now what they lack and then the last frame, and lets them go. */
  end(frame: Buffer): void {
    for (const follower of this.#followers) follower.lastFrame = frame;
    this.nudge();
  }

  write(frame: Buffer): void {
    for (const { connection } of this.#followers)
      if (!connection.isBehind) connection.write(frame);
  }

  #deliver(): void {
    const batches = merge(this.#pending);
    this.#pending = [];
    this.#reads.clear();
    for (const follower of this.#followers)
      for (const batch of batches) this.#deliverTo(follower, batch);
  }

  #deliverTo(follower: Follower, batch: Batch): void {
    const { connection, position } = follower;
    if (position >= batch.last) return;
    const isNext =
      position === batch.first - 1 &&
      !follower.isReading &&
      !connection.isBehind;
    if (!isNext) {
      void this.#catchUp(follower);
      return;
    }
    connection.write(batch.frame);
    follower.position = batch.last;
  }

  async #catchUp(follower: Follower): Promise<void> {
    follower.isStale = true;
    if (follower.isReading) return;
    follower.isReading = true;
    try {
      while (isStale(follower)) await this.#readFor(follower);
      if (follower.lastFrame) follower.connection.end(follower.lastFrame);
    } catch (error) {
      this.onError(error); // The next nudge tries again.
    } finally {
      follower.isReading = false;
    }
  }

  async #readFor(follower: Follower): Promise<void> {
    const { connection } = follower;
    await connection.drained();
    follower.isStale = false;
    if (connection.isClosed) return;
    const { batch, isLast } = await this.#sharedRead(follower.position);
    if (batch) {
      connection.write(batch.frame);
      follower.position = batch.last;
    }
    if (!isLast) follower.isStale = true;
  }

  #sharedRead(position: number): ReturnType<ReadAfter> {
    const known = this.#reads.get(position);
    if (known) return known;
    const read = this.readAfter(position);
    this.#reads.set(position, read);
    const forget = () => {
      if (this.#reads.get(position) === read) this.#reads.delete(position);
    };
    read.then(forget, forget);
    return read;
  }
}

/** A function, since the compiler does not know that others change the field meanwhile. */
function isStale(follower: Follower): boolean {
  return follower.isStale && !follower.connection.isClosed;
}

/** Batches in a row become one. */
function merge(batches: readonly Batch[]): Batch[] {
  const rows: Batch[][] = [];
  for (const batch of batches) {
    const row = rows.at(-1);
    if (row?.at(-1)?.last === batch.first - 1) row.push(batch);
    else rows.push([batch]);
  }
  return rows.flatMap((row) => {
    const [first, last] = [row[0], row.at(-1)];
    if (first === undefined || last === undefined) return [];
    const frame =
      row.length === 1
        ? first.frame
        : Buffer.concat(row.map((batch) => batch.frame));
    return { first: first.first, last: last.last, frame };
  });
}
