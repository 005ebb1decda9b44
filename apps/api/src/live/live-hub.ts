import {
  Inject,
  Injectable,
  type OnModuleDestroy,
  type OnModuleInit,
} from "@nestjs/common";
import type { LiveEvent } from "@pullwright/contracts";
import type { LoadedRun, Stores } from "@pullwright/persistence";
import type { Logger } from "@pullwright/platform";
import type { Queues } from "@pullwright/queue";
import type { FastifyReply } from "fastify";
import {
  LIMITS,
  LOGGER,
  QUEUES,
  STORES,
  type ApiLimits,
} from "../api-parts.js";
import type { Caller } from "../auth/caller.js";
import { ApiProblem } from "../http/api-problem.js";
import { AllRuns } from "./all-runs.js";
import { RunFeeds, type FeedKind } from "./run-feeds.js";
import { SseConnection } from "./sse-connection.js";
import { StreamsOfKeys } from "./streams-of-keys.js";

const HEARTBEAT_MS = 5_000;

/** Hears the live events of all processes and hands each, encoded once, to whoever follows. */
@Injectable()
export class LiveHub implements OnModuleInit, OnModuleDestroy {
  readonly #streams: StreamsOfKeys;
  readonly #watched = new Map<string, RunFeeds>();
  readonly #all: AllRuns;
  #stop: (() => void) | undefined;
  #isOver = false;

  constructor(
    @Inject(STORES) private readonly stores: Stores,
    @Inject(QUEUES) private readonly queues: Queues,
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(LIMITS) private readonly limits: ApiLimits,
  ) {
    this.#streams = new StreamsOfKeys(stores.apiKeys);
    this.#all = new AllRuns(stores);
  }

  onModuleInit(): void {
    const stopHearing = this.queues.subscribe((event) => this.#hear(event));
    const timer = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#stop = () => {
      clearInterval(timer);
      stopHearing();
    };
  }

  onModuleDestroy(): void {
    this.#isOver = true;
    this.#stop?.();
    this.#streams.endAll();
  }

  /**
   * Makes a reply a stream; refuses when its key has too many already. A reader that left before its turn came tells
   * nobody of it any more, so nothing is counted or kept for it.
   */
  open(reply: FastifyReply, { keyId }: Caller): SseConnection {
    const open = this.#streams.countOf(keyId);
    if (open >= this.limits.streamsPerKey) {
      throw new ApiProblem(
        "too-many-requests",
        `This key has ${open.toString()} open streams; close some.`,
        { headers: { "retry-after": "5" } },
      );
    }
    const connection: SseConnection = new SseConnection(
      reply,
      this.limits.streamBacklogBytes,
      () => this.#closed(connection, keyId),
    );
    if (this.#isOver) connection.end(); // Whoever asked for it comes back, to another process.
    if (connection.isClosed) return connection;
    this.#streams.add(connection, keyId);
    return connection;
  }

  /** Streams a run's log or its events from a position on, until the run has ended. */
  follow(
    kind: FeedKind,
    run: LoadedRun,
    after: number,
    connection: SseConnection,
  ): void {
    if (connection.isClosed) return;
    let feeds = this.#watched.get(run.id);
    if (feeds === undefined) {
      feeds = new RunFeeds(this.stores, run, (err) =>
        this.logger.warn(
          { err, run: run.adwId },
          "could not read for a stream",
        ),
      );
      this.#watched.set(run.id, feeds);
    }
    feeds.add(kind, connection, after);
  }

  /** Streams which runs change. */
  followAll(connection: SseConnection, caller: Caller): void {
    if (connection.isClosed) return;
    this.#all.add(connection, caller);
  }

  #hear(event: LiveEvent): void {
    switch (event.type) {
      case "log.appended":
        this.#watched.get(event.runId)?.appended(event);
        return;
      case "run.changed":
        this.#watched.get(event.runId)?.changed();
        this.#all
          .changed(event)
          .catch((err: unknown) =>
            this.logger.warn({ err }, "could not tell of a changed run"),
          );
        return;
      case "cancel.requested":
      case "delivery.recorded":
        return;
    }
  }

  #beat(): void {
    this.#streams
      .endDead()
      .catch((err: unknown) =>
        this.logger.warn({ err }, "could not look up the keys of streams"),
      );
    this.#all.beat();
    for (const feeds of this.#watched.values()) feeds.beat();
  }

  #closed(connection: SseConnection, keyId: string): void {
    this.#streams.remove(connection, keyId);
    this.#all.remove(connection);
    for (const [runId, feeds] of this.#watched) {
      feeds.remove(connection);
      if (feeds.isEmpty) this.#watched.delete(runId);
    }
  }
}
