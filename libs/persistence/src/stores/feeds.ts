import type { Database, Statement } from "../database.js";

export interface FeedPosition {
  readonly etag: string | null;
  readonly cursor: string | null;
  readonly failures: number;
  readonly polledAt: Date | null;
  readonly nextPollAt: Date;
  /** When a change that was found here had last been told by a webhook. */
  readonly toldAt: Date | null;
  /** When one had not. */
  readonly untoldAt: Date | null;
}

const get: Statement = {
  name: "feed_get",
  text: `
  SELECT etag, cursor, failures, polled_at AS "polledAt", next_poll_at AS "nextPollAt",
         told_at AS "toldAt", untold_at AS "untoldAt"
    FROM feeds WHERE repository_id = $1 AND feed = $2`,
};

const save: Statement = {
  name: "feed_save",
  text: `
  INSERT INTO feeds (repository_id, feed, etag, cursor, failures, polled_at, next_poll_at, told_at, untold_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (repository_id, feed) DO UPDATE
     SET etag = excluded.etag, cursor = excluded.cursor, failures = excluded.failures, polled_at = excluded.polled_at, next_poll_at = excluded.next_poll_at,
         told_at = excluded.told_at, untold_at = excluded.untold_at`,
};

/** How far each feed of each repository has been read. */
export class Feeds {
  constructor(private readonly database: Database) {}

  async get(repositoryId: string, feed: string): Promise<FeedPosition | null> {
    const [row] = await this.database.query<FeedPosition>(get, [
      repositoryId,
      feed,
    ]);
    return row ?? null;
  }

  async save(
    repositoryId: string,
    feed: string,
    position: FeedPosition,
  ): Promise<void> {
    await this.database.query(save, [
      repositoryId,
      feed,
      position.etag,
      position.cursor,
      position.failures,
      position.polledAt,
      position.nextPollAt,
      position.toldAt,
      position.untoldAt,
    ]);
  }
}
