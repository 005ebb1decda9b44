import type { LiveEventOf } from "@pullwright/contracts";
import { isEnded } from "@pullwright/domain";
import type { LoadedRun, Stores } from "@pullwright/persistence";
import { eventReader, liveBatch, logReader } from "./feed-readers.js";
import { Feed } from "./feed.js";
import type { SseConnection } from "./sse-connection.js";
import { encodeFrames, silentFrame } from "./sse-frame.js";

export type FeedKind = "logs" | "events";

/** The log and the events of one run that somebody follows. */
export class RunFeeds {
  readonly #feeds: Readonly<Record<FeedKind, Feed>>;
  /** Whether lines came live since the last beat: then the log need not be looked up. */
  #isLogLively = false;

  constructor(
    private readonly stores: Stores,
    private readonly run: Pick<LoadedRun, "id" | "adwId">,
    private readonly onError: (error: unknown) => void,
  ) {
    this.#feeds = {
      logs: new Feed(logReader(stores, run.id), onError),
      events: new Feed(eventReader(stores, run.id), onError),
    };
  }

  get isEmpty(): boolean {
    return this.#feeds.logs.isEmpty && this.#feeds.events.isEmpty;
  }

  add(kind: FeedKind, connection: SseConnection, after: number): void {
    this.#feeds[kind].add(connection, after);
    this.#endIfEnded();
  }

  remove(connection: SseConnection): void {
    this.#feeds.logs.remove(connection);
    this.#feeds.events.remove(connection);
  }

  appended(event: LiveEventOf<"log.appended">): void {
    this.#isLogLively = true;
    const batch = liveBatch(event);
    if (batch) this.#feeds.logs.push(batch);
    else this.#feeds.logs.nudge();
  }

  changed(): void {
    this.#feeds.events.nudge();
    this.#endIfEnded();
  }

  /** Live events may be lost, so a run is looked up at every beat; its log only when it is quiet: lines show a gap. */
  beat(): void {
    for (const feed of Object.values(this.#feeds)) feed.write(silentFrame);
    if (!this.#isLogLively) this.#feeds.logs.nudge();
    this.#feeds.events.nudge();
    this.#endIfEnded();
    this.#isLogLively = false;
  }

  #endIfEnded(): void {
    this.#endOf().then((frame) => {
      if (frame) for (const feed of Object.values(this.#feeds)) feed.end(frame);
    }, this.onError);
  }

  async #endOf(): Promise<Buffer | undefined> {
    const run = await this.stores.runs.byId(this.run.id);
    const status = run?.state.status ?? "deleted";
    if (status !== "deleted" && !isEnded(status)) return undefined;
    const data = { adw_id: this.run.adwId, status };
    return encodeFrames([{ event: "end", data }]);
  }
}
