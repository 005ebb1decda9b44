import type { Stores } from "@pullwright/persistence";
import type { SseConnection } from "./sse-connection.js";

/** The open streams of each key. */
export class StreamsOfKeys {
  readonly #byKey = new Map<string, Set<SseConnection>>();
  #isLooking = false;

  constructor(private readonly apiKeys: Pick<Stores["apiKeys"], "liveOf">) {}

  countOf(keyId: string): number {
    return this.#byKey.get(keyId)?.size ?? 0;
  }

  add(connection: SseConnection, keyId: string): void {
    const own = this.#byKey.get(keyId) ?? new Set();
    this.#byKey.set(keyId, own.add(connection));
  }

  remove(connection: SseConnection, keyId: string): void {
    const own = this.#byKey.get(keyId);
    own?.delete(connection);
    if (own?.size === 0) this.#byKey.delete(keyId);
  }

  endAll(): void {
    for (const keyId of [...this.#byKey.keys()]) this.#end(keyId);
  }

  /**
   * Ends the streams of keys that were revoked or have expired since they were opened. All keys are looked up at once, as
   * another process may have revoked them; while that look-up waits there is no other.
   */
  async endDead(): Promise<void> {
    if (this.#isLooking || this.#byKey.size === 0) return;
    this.#isLooking = true;
    try {
      const ids = [...this.#byKey.keys()];
      const live = await this.apiKeys.liveOf(ids);
      for (const id of ids) if (!live.has(id)) this.#end(id);
    } finally {
      this.#isLooking = false;
    }
  }

  #end(keyId: string): void {
    for (const connection of this.#byKey.get(keyId) ?? []) connection.endNow();
  }
}
