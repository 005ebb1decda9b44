import type { GitHub } from "@pullwright/github";
import type { Statement } from "@pullwright/persistence";
import { codeOf, messageOf, sleep } from "@pullwright/platform";
import type { Runtime } from "@pullwright/runtime";
import { commentFeed } from "./feeds/comment-feed.js";
import { eventFeed } from "./feeds/event-feed.js";
import { FeedPoller, type DueFeed } from "./feeds/feed-poller.js";
import { HolderLease } from "./holder-lease.js";
import { createPollerMetrics } from "./poller-metrics.js";
import { registerRepositories } from "./register-repositories.js";
import { timingFor, type PollerTiming } from "./timing.js";

/** What the poller needs of its process. */
export type PollerRuntime = Pick<
  Runtime,
  "config" | "database" | "logger" | "metrics" | "owner" | "queues" | "stores"
>;

const feeds = [eventFeed, commentFeed];
/** GitHub asks for few requests at a time; four keep up with some hundred repositories a minute. */
const CONCURRENT_POLLS = 4;

const clock: Statement = {
  name: "poller_clock",
  text: "SELECT now() AS now",
};

/** Finds what webhooks missed, in the one process of many that holds the lease. */
export class Poller {
  private readonly stopping = new AbortController();
  private readonly lease: HolderLease;
  private readonly feedPoller: FeedPoller;
  private readonly timing: PollerTiming;
  private running: Promise<unknown> | undefined;

  constructor(
    private readonly runtime: PollerRuntime,
    private readonly github: GitHub,
    timing?: PollerTiming,
  ) {
    const { stores, queues, logger, metrics, owner, config } = runtime;
    this.timing = timing ?? timingFor(config.polling.intervalMs);
    const { leaseMs, intervalMs } = this.timing;
    this.lease = new HolderLease(stores.leases, owner, leaseMs, logger);
    this.feedPoller = new FeedPoller({
      github,
      stores,
      queues,
      logger,
      metrics: createPollerMetrics(metrics, github, () => this.isHolder),
      intervalMs,
    });
  }

  /** Whether this process is the one that polls. */
  get isHolder(): boolean {
    return this.lease.isHeld;
  }

  /** Registers the configured repositories and polls until stopped. Returns at once. */
  start(): void {
    const { config, stores, logger } = this.runtime;
    const { signal } = this.stopping;
    const registering = registerRepositories(config.repositories, {
      github: this.github,
      repositories: stores.repositories,
      logger,
      signal,
    });
    this.running ??= Promise.all([
      registering,
      ...(config.polling.enabled
        ? [this.lease.keep(signal), this.pollUntilStopped(signal)]
        : []),
    ]);
  }

  /** Ends after the polls under way and lets another process take over at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async pollUntilStopped(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.lease.isHeld) await this.pollWhatIsDue();
      } catch (error) {
        this.report(error);
      }
      await sleep(this.timing.tickMs, signal);
    }
  }

  private async pollWhatIsDue(): Promise<void> {
    const due = await this.listDue();
    const pollNext = async () => {
      for (let next = due.shift(); next; next = due.shift()) {
        if (!this.lease.isHeld || this.stopping.signal.aborted) return;
        await this.feedPoller.poll(next, await this.now());
      }
    };
    const polls = Array.from({ length: CONCURRENT_POLLS }, pollNext);
    const ends = await Promise.allSettled(polls); // All of them: the next tick must not overlap with this one.
    const failed = ends.find((end) => end.status === "rejected");
    if (failed) throw failed.reason;
  }

  private async listDue(): Promise<DueFeed[]> {
    const { stores } = this.runtime;
    const now = await this.now();
    const repositories = await stores.repositories.list();
    const due: DueFeed[] = [];
    for (const repository of repositories.filter(({ enabled }) => enabled)) {
      for (const feed of feeds) {
        const position = await stores.feeds.get(repository.id, feed.name);
        if (!position || position.nextPollAt <= now)
          due.push({ repository, feed, position });
      }
    }
    return due;
  }

  /** The next tick tries again, whatever it was. */
  private report(error: unknown): void {
    const { logger } = this.runtime;
    if (codeOf(error) === "database_unavailable")
      logger.warn({ reason: messageOf(error) }, "polling was interrupted");
    else logger.error({ err: error }, "polling failed");
  }

  /** The database's clock: when the next poll is due is known to all replicas by one clock. */
  private async now(): Promise<Date> {
    const [row] = await this.runtime.database.query<{ now: Date }>(clock, []);
    if (!row) throw new TypeError("SELECT gives one row.");
    return row.now;
  }
}
