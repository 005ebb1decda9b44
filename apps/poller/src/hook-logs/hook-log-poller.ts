import {
  isGitHubError,
  type GitHub,
  type HookLog,
  type LoggedDelivery,
} from "@pullwright/github";
import type { Repository, Stores } from "@pullwright/persistence";
import { messageOf, reach, type Logger } from "@pullwright/platform";
import type { Queues } from "@pullwright/queue";
import { firstLookBack, nameOf } from "../feeds/feed.js";
import type { PollerMetrics } from "../poller-metrics.js";
import { readMissed } from "./missed-deliveries.js";

/** A try is logged when it has ended, under the moment when it began. */
const OVERLAP_MS = 60_000;
/** Rights may be given at any time. */
const ASK_AGAIN_MS = 60 * 60_000;
/**
 * A hundred thousand tries in one reading. A log ends by itself, as GitHub keeps it for three days; this keeps one that
 * does not end from taking the whole quota.
 */
const MAX_PAGES = 1_000;
/** Where our gateway listens; a repository may have other webhooks besides. */
const GATEWAY_PATH = "/webhooks/github";
const APP = "app";

export interface HookLogPollerParts {
  readonly github: Pick<GitHub, "hookLogs" | "isApp">;
  readonly stores: Pick<Stores, "deliveries" | "deliveryQueries" | "hookLogs">;
  readonly queues: Pick<Queues, "ring">;
  readonly logger: Logger;
  readonly metrics: PollerMetrics;
  /** Between two readings of a log. */
  readonly tryAgainMs: number;
  /** Of a log in one reading; specs turn it down. */
  readonly maxPages?: number;
}

/** How a reading ended: at what was known before, by our own stop, or before it came that far. */
type Reading = "whole" | "stopped" | "too_long";

/**
 * Takes from the hooks' logs what GitHub could not deliver.
 *
 * A log is read when there is a reason to suspect it: somebody begins to poll, Postgres was away, or a poll found what no
 * webhook had told. Reading them by the clock would cost a request a repository each time and find no more.
 */
export class HookLogPoller {
  private readonly suspects = new Set<string>();
  private readonly notBeforeMs = new Map<string, number>();
  private areAllSuspect = false;

  constructor(private readonly parts: HookLogPollerParts) {}

  /** Something of this repository may be in its log. */
  suspect(repositoryId: string): void {
    this.suspects.add(this.parts.github.isApp ? APP : repositoryId);
  }

  suspectAll(): void {
    this.areAllSuspect = true;
  }

  /** Never throws for GitHub's sake: what could not be read stays suspect. */
  async readSuspects(
    repositories: readonly Repository[],
    now: Date,
    mayGoOn: () => boolean,
  ): Promise<void> {
    if (this.areAllSuspect) for (const { id } of repositories) this.suspect(id);
    // Repositories are registered when GitHub answers: until then all of them stay suspect.
    if (repositories.length > 0) this.areAllSuspect = false;
    for (const name of this.suspects) {
      if (!mayGoOn()) return;
      if ((this.notBeforeMs.get(name) ?? 0) > performance.now()) continue;
      const repository = repositories.find(({ id }) => id === name);
      this.notBeforeMs.set(name, performance.now() + this.parts.tryAgainMs);
      if (repository === undefined && name !== APP) this.suspects.delete(name);
      else await this.readOne(name, repository, now, mayGoOn);
    }
  }

  private async readOne(
    name: string,
    repository: Repository | undefined,
    now: Date,
    mayGoOn: () => boolean,
  ): Promise<void> {
    const { stores, logger } = this.parts;
    const about = repository ? `${repository.owner}/${repository.name}` : "App";
    const position = await stores.hookLogs.get(name);
    const readUntil = position?.readUntil ?? null;
    const save = (trouble: string | null, until = readUntil) =>
      stores.hookLogs.save(name, { readUntil: until, readAt: now, trouble });
    this.suspects.delete(name); // What is suspected meanwhile counts again.
    try {
      const since = readUntil
        ? new Date(readUntil.getTime() - OVERLAP_MS)
        : firstLookBack(now);
      const readings: Reading[] = [];
      for (const log of await this.logsOf(repository))
        readings.push(await this.read(log, since, about, mayGoOn));
      if (readings.every((reading) => reading === "whole")) {
        reach("poller.hook-log-rung-position-not-saved");
        await save(null, now);
        reach("poller.hook-log-position-saved");
        return;
      }
      this.suspects.add(name);
      if (!readings.includes("too_long")) return;
      this.notBeforeMs.set(name, performance.now() + ASK_AGAIN_MS);
      const trouble = `what was sent since ${since.toISOString()} is more than one reading takes; the oldest of it was not read`;
      logger.warn(
        { hook: about, since },
        "a webhook's log is too long to read",
      );
      await save(trouble);
    } catch (error) {
      if (!isGitHubError(error)) {
        this.suspects.add(name);
        throw error;
      }
      const reason = messageOf(error);
      if (error.fault === "forbidden" || error.fault === "not_found") {
        this.notBeforeMs.set(name, performance.now() + ASK_AGAIN_MS);
        // Said once, and not at every start.
        if (position?.trouble == null)
          logger.info(
            { hook: about, reason },
            "the webhook's log of deliveries is not open to us; polls find what it would tell",
          );
      } else {
        this.suspects.add(name);
        logger.warn(
          { hook: about, reason },
          "a webhook's log could not be read",
        );
      }
      await save(reason);
    }
  }

  private async logsOf(
    repository: Repository | undefined,
  ): Promise<readonly HookLog[]> {
    if (repository === undefined) return [{ kind: "app" }];
    const name = nameOf(repository);
    const hooks = await this.parts.github.hookLogs.hooksOf(name);
    return hooks
      .filter(({ url }) => url.replace(/\/+$/, "").endsWith(GATEWAY_PATH))
      .map(({ id }) => ({ kind: "repository", repository: name, hookId: id }));
  }

  /** Page by page, since a log may be long: memory holds one page, and what was recorded stays so. */
  private async read(
    log: HookLog,
    since: Date,
    about: string,
    mayGoOn: () => boolean,
  ): Promise<Reading> {
    const { github, maxPages = MAX_PAGES } = this.parts;
    let next: string | undefined;
    for (let pages = 0; pages < maxPages; pages += 1) {
      if (!mayGoOn()) return "stopped";
      const page = await github.hookLogs.page(log, next);
      const tries = page.tries.filter(
        ({ deliveredAt }) => deliveredAt >= since,
      );
      await this.take(log, tries, about);
      next = page.next;
      if (next === undefined || tries.length < page.tries.length)
        return "whole";
    }
    return "too_long";
  }

  private async take(
    log: HookLog,
    tries: readonly LoggedDelivery[],
    about: string,
  ): Promise<void> {
    const { stores, queues, logger, metrics } = this.parts;
    for await (const delivery of readMissed(log, tries, this.parts)) {
      reach("poller.hook-log-read-not-recorded");
      const { kind, id } = await stores.deliveries.record(delivery);
      if (kind === "duplicate") continue;
      reach("poller.hook-log-recorded-not-rung");
      metrics.missed.inc();
      logger.info(
        { hook: about, deliveryId: id },
        "a webhook that had failed was taken from the log",
      );
      await queues.ring("delivery.received", { v: 1, deliveryId: id });
    }
  }
}
