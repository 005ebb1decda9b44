import type { LiveEventOf, StreamMessage } from "@pullwright/contracts";
import type { Stores } from "@pullwright/persistence";
import { sees, type Caller } from "../auth/caller.js";
import type { SseConnection } from "./sse-connection.js";
import { encodeFrames } from "./sse-frame.js";

const MAX_KNOWN_RUNS = 10_000;

/** Those who follow all runs; each hears of the runs that they may see. */
export class AllRuns {
  readonly #followers = new Map<SseConnection, Caller>();
  /** The repository of a run, which never changes. */
  readonly #repositories = new Map<string, string>();

  constructor(private readonly stores: Pick<Stores, "runs">) {}

  add(connection: SseConnection, caller: Caller): void {
    this.#followers.set(connection, caller);
    connection.write(heartbeat());
  }

  remove(connection: SseConnection): void {
    this.#followers.delete(connection);
  }

  beat(): void {
    const frame = heartbeat();
    for (const connection of this.#followers.keys()) send(connection, frame);
  }

  /** Tells at once whoever may see every repository; for the others the run's one is looked up first. */
  async changed(event: LiveEventOf<"run.changed">): Promise<void> {
    if (this.#followers.size === 0) return;
    const frame = frameOf({
      type: "run.changed",
      adw_id: event.adwId,
      event_seq: event.eventSeq,
    });
    let isAnyBound = false;
    for (const [connection, { repositoryIds }] of this.#followers) {
      if (repositoryIds === null) send(connection, frame);
      else isAnyBound = true;
    }
    if (!isAnyBound) return;
    const repositoryId = await this.#repositoryOf(event.runId);
    if (repositoryId === undefined) return;
    for (const [connection, caller] of this.#followers)
      if (caller.repositoryIds !== null && sees(caller, repositoryId))
        send(connection, frame);
  }

  async #repositoryOf(runId: string): Promise<string | undefined> {
    const known = this.#repositories.get(runId);
    if (known !== undefined) return known;
    const id = (await this.stores.runs.byId(runId))?.repository.id;
    if (this.#repositories.size >= MAX_KNOWN_RUNS) this.#repositories.clear();
    if (id !== undefined) this.#repositories.set(runId, id);
    return id;
  }
}

/** Nothing is kept for a reader that lags behind: it comes back and looks for itself. */
function send(connection: SseConnection, frame: Buffer): void {
  if (connection.isBehind) connection.drop();
  else connection.write(frame);
}

const frameOf = (data: StreamMessage): Buffer => encodeFrames([{ data }]);

const heartbeat = (): Buffer =>
  frameOf({ type: "heartbeat", ts: Math.floor(Date.now() / 1000) });
