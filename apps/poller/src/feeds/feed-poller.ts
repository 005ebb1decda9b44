import { isGitHubError, type GitHub } from "@pullwright/github";
import type { FeedPosition, Repository, Stores } from "@pullwright/persistence";
import { backoffMs, messageOf, reach, type Logger } from "@pullwright/platform";
import type { Queues } from "@pullwright/queue";
import type { PollerMetrics } from "../poller-metrics.js";
import type { PollerTiming } from "../timing.js";
import { judge, pollAfterMs } from "./feed-health.js";
import type { Feed, FeedChange, FeedNews } from "./feed.js";

const MINUTE_MS = 60_000;
const LONGEST_BACKOFF_MS = 15 * MINUTE_MS;

export interface FeedPollerParts {
  readonly github: Pick<GitHub, "feeds" | "issues">;
  readonly stores: Pick<Stores, "deliveries" | "deliveryQueries" | "feeds">;
  readonly queues: Pick<Queues, "ring">;
  readonly logger: Logger;
  readonly metrics: PollerMetrics;
  readonly timing: PollerTiming;
  /** Something was found that no webhook had told. */
  readonly onUntold: (repository: Repository) => void;
}

/** A feed of a repository whose time has come. */
export interface DueFeed {
  readonly repository: Repository;
  readonly feed: Feed;
  /** Null before the first poll. */
  readonly position: FeedPosition | null;
}

/** Polls one feed once: reads, records, rings, and only then remembers how far it came. */
export class FeedPoller {
  constructor(private readonly parts: FeedPollerParts) {}

  /** Never throws for GitHub's sake: a failure is remembered with the moment of the next try. */
  async poll(due: DueFeed, now: Date): Promise<void> {
    const { feeds } = this.parts.stores;
    const { repository, feed, position } = due;
    const next = {
      etag: position?.etag ?? null,
      cursor: position?.cursor ?? null,
      toldAt: position?.toldAt ?? null,
      untoldAt: position?.untoldAt ?? null,
      failures: 0,
      polledAt: now,
      ...(await this.readAndRecord(due, now)),
    };
    reach("poller.recorded-cursor-not-moved");
    await feeds.save(repository.id, feed.name, {
      nextPollAt: this.afterSuccess(position, next, now),
      ...next,
    });
    reach("poller.cursor-moved");
  }

  private async readAndRecord(
    due: DueFeed,
    now: Date,
  ): Promise<Partial<FeedPosition>> {
    const { github, metrics } = this.parts;
    const { repository, feed, position } = due;
    const from = {
      etag: position?.etag ?? null,
      cursor: position?.cursor ?? null,
      polledAt: position?.polledAt ?? null,
    };
    let news: FeedNews;
    try {
      news = await feed.read(github, repository, from, now);
    } catch (error) {
      if (!isGitHubError(error)) throw error;
      metrics.polls.inc({ feed: feed.name, outcome: error.fault });
      return this.afterFailure(due, error, now);
    }
    metrics.polls.inc({ feed: feed.name, outcome: news.kind });
    if (news.kind === "not_modified") return {};
    reach("poller.read-not-recorded");
    for (const delivery of news.deliveries) {
      const { kind, id } = await this.parts.stores.deliveries.record(delivery);
      if (kind === "duplicate") continue;
      reach("poller.recorded-not-rung");
      metrics.deliveries.inc({ feed: feed.name });
      await this.parts.queues.ring("delivery.received", {
        v: 1,
        deliveryId: id,
      });
    }
    if (news.isTruncated)
      this.parts.logger.warn(
        { repository: repository.name, feed: feed.name },
        "more happened than one poll reads",
      );
    return { ...news.next, ...(await this.testimony(due, news.changes, now)) };
  }

  /** What the poll's finds say of the webhooks. Those that came first are recorded by now. */
  private async testimony(
    { repository, feed }: DueFeed,
    changes: readonly FeedChange[],
    now: Date,
  ): Promise<Partial<FeedPosition>> {
    const { stores, timing, metrics, onUntold } = this.parts;
    const [first] = changes.toSorted((a, b) => a.at.getTime() - b.at.getTime());
    if (first === undefined) return {};
    const told = await stores.deliveryQueries.toldSince(
      repository.githubId,
      new Date(first.at.getTime() - MINUTE_MS),
    );
    const said = judge(changes, told, now, timing.graceMs);
    metrics.testimonies.inc({ feed: feed.name, said });
    switch (said) {
      case "nothing":
        return {};
      case "told":
        return { toldAt: now };
      case "untold":
        onUntold(repository);
        return { untoldAt: now };
    }
  }

  /** Keeps the rhythm: the delay of this poll does not move the next. */
  private afterSuccess(
    position: FeedPosition | null,
    next: Pick<FeedPosition, "toldAt" | "untoldAt">,
    now: Date,
  ): Date {
    const afterMs = pollAfterMs(next, now, this.parts.timing);
    const inRhythm = (position?.nextPollAt.getTime() ?? 0) + afterMs;
    return new Date(
      inRhythm > now.getTime() ? inRhythm : now.getTime() + afterMs,
    );
  }

  private afterFailure(
    { repository, feed, position }: DueFeed,
    error: Error & { readonly rateLimit?: { resumeAt: Date } | undefined },
    now: Date,
  ): Partial<FeedPosition> {
    const failures = (position?.failures ?? 0) + 1;
    const backoff = backoffMs(failures, {
      baseMs: this.parts.timing.intervalMs,
      maxMs: LONGEST_BACKOFF_MS,
    });
    const resumeMs = now.getTime() + Math.max(backoff, pauseOf(error));
    const nextPollAt = new Date(resumeMs);
    this.parts.logger.warn(
      {
        repository: `${repository.owner}/${repository.name}`,
        feed: feed.name,
        failures,
        nextPollAt,
        reason: messageOf(error),
      },
      "a feed could not be read",
    );
    return { failures, polledAt: position?.polledAt ?? null, nextPollAt };
  }
}

/** How much longer GitHub wants to be left alone; a span, since `now` may be another machine's clock. */
function pauseOf(error: {
  readonly rateLimit?: { readonly resumeAt: Date } | undefined;
}): number {
  const resumeAt = error.rateLimit?.resumeAt.getTime();
  return resumeAt === undefined ? 0 : Math.max(0, resumeAt - Date.now());
}
