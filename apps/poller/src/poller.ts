import type { GitHub } from "@pullwright/github";
import type { Statement } from "@pullwright/persistence";
import { codeOf, messageOf, sleep, withTimeout } from "@pullwright/platform";
import type { Runtime } from "@pullwright/runtime";
import { commentFeed } from "./feeds/comment-feed.js";
import { eventFeed } from "./feeds/event-feed.js";
import { FeedPoller, type DueFeed } from "./feeds/feed-poller.js";
import { HookLogPoller } from "./hook-logs/hook-log-poller.js";
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
/** A start waits no longer for GitHub. */
const FIRST_TRIES_MS = 5_000;

const clock: Statement = {
  name: "poller_clock",
  text: "SELECT now() AS now",
};

/** Finds what webhooks missed, in the one process of many that holds the lease. */
export class Poller {
  private readonly stopping = new AbortController();
  private readonly lease: HolderLease;
  private readonly feedPoller: FeedPoller;
  private readonly hookLogs: HookLogPoller;
  private readonly timing: PollerTiming;
  private running: Promise<unknown> | undefined;
  /** The term of the lease for which all logs have been called suspect. */
  private suspectedFor: number | undefined;

  constructor(
    private readonly runtime: PollerRuntime,
    private readonly github: GitHub,
    timing?: PollerTiming,
  ) {
    const { stores, queues, logger, metrics, owner, config } = runtime;
    this.timing = timing ?? timingFor(config.polling.intervalMs);
    const { leaseMs, intervalMs } = this.timing;
    this.lease = new HolderLease(stores.leases, owner, leaseMs, logger);
    const discovery = github.as("discovery"); // What people ask for comes first.
    const parts = {
      github: discovery,
      stores,
      queues,
      logger,
      metrics: createPollerMetrics(metrics, () => this.isHolder),
    };
    this.hookLogs = new HookLogPoller({ ...parts, tryAgainMs: intervalMs });
    this.feedPoller = new FeedPoller({
      ...parts,
      timing: this.timing,
      onUntold: ({ id }) => this.hookLogs.suspect(id),
    });
  }

  /** Whether this process is the one that polls. */
  get isHolder(): boolean {
    return this.lease.isHeld;
  }

  /**
   * Registers the configured repositories and polls until stopped. Resolves once each repository was asked for, so that
   * whoever is ready knows them; soon, too, where GitHub does not answer.
   */
  async start(): Promise<void> {
    const { config, stores, logger } = this.runtime;
    const { signal } = this.stopping;
    const registering = registerRepositories(config.repositories, {
      github: this.github,
      repositories: stores.repositories,
      logger,
      signal,
    });
    this.running ??= Promise.all([
      registering.done,
      ...(config.polling.enabled
        ? [
            this.lease.keep(signal),
            this.whileHeld(signal, () => this.pollWhatIsDue()),
            this.whileHeld(signal, () => this.readSuspectLogs()),
          ]
        : []),
    ]);
    await withTimeout(
      registering.tried,
      FIRST_TRIES_MS,
      "the first tries to register",
    ).catch((error: unknown) =>
      logger.warn(
        { reason: messageOf(error) },
        "not every repository was asked for yet",
      ),
    );
  }

  /** Ends after the polls under way and lets another process take over at once. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async whileHeld(
    signal: AbortSignal,
    work: () => Promise<void>,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.lease.isHeld) await work();
      } catch (error) {
        this.report(error);
      }
      await sleep(this.timing.tickMs, signal);
    }
  }

  /** Who begins to poll does not know what failed before, by whom it was polled then, and what Postgres refused. */
  private async readSuspectLogs(): Promise<void> {
    const { fence } = this.lease;
    if (fence !== this.suspectedFor) this.hookLogs.suspectAll();
    this.suspectedFor = fence;
    const repositories = await this.runtime.stores.repositories.list();
    const enabled = repositories.filter((repository) => repository.enabled);
    await this.hookLogs.readSuspects(
      enabled,
      await this.now(),
      () => this.lease.isHeld && !this.stopping.signal.aborted,
    );
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
    // What came in meanwhile was refused by the gateway, too.
    this.hookLogs.suspectAll();
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
