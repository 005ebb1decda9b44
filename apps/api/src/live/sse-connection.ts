import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";

/** A reader that takes nothing for this long is let go. */
const DRAIN_TIMEOUT_MS = 30_000;

/**
 * An open stream to one reader.
 *
 * Frames are shared buffers, written as they are: no chunk headers (the stream ends with its connection) and no JSON per
 * reader. What the reader has not taken yet is bounded by whoever writes: ask {@link SseConnection.isBehind} first.
 */
export class SseConnection {
  readonly #response: ServerResponse;

  constructor(
    reply: FastifyReply,
    private readonly backlogBytes: number,
    onClose: () => void,
  ) {
    const response = reply.raw;
    reply.hijack();
    this.#response = response;
    if (this.isClosed) return;
    response.useChunkedEncodingByDefault = false;
    response.once("close", onClose);
    response.on("error", () => response.destroy());
    response.writeHead(200, {
      ...(reply.getHeaders() as Record<string, string>), // Those of helmet and CORS.
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-cache, no-transform",
      connection: "close",
      "x-accel-buffering": "no",
    });
    response.flushHeaders();
    response.socket?.setNoDelay(true);
  }

  get isClosed(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }

  /** Whether so much waits for the reader that nothing more should be written. */
  get isBehind(): boolean {
    return this.#response.writableLength > this.backlogBytes;
  }

  write(frame: Buffer): void {
    if (!this.isClosed) this.#response.write(frame);
  }

  /** Waits until the reader has caught up; lets go of one that takes nothing. */
  async drained(): Promise<void> {
    if (this.isClosed || !this.#response.writableNeedDrain) return;
    const over = new AbortController();
    const { signal } = over;
    const timer = setTimeout(() => over.abort(), DRAIN_TIMEOUT_MS);
    try {
      await Promise.race([
        once(this.#response, "drain", { signal }),
        once(this.#response, "close", { signal }),
      ]);
    } catch {
      this.drop();
    } finally {
      clearTimeout(timer);
      over.abort(); // Takes the other listener off.
    }
  }

  /** Lets go of a reader that is too slow. */
  drop(): void {
    this.#response.destroy();
  }

  /** Ends it without waiting for a reader that has not taken everything yet. */
  endNow(): void {
    if (this.#response.writableLength > 0) this.drop();
    else this.end();
  }

  end(frame?: Buffer): void {
    if (!this.isClosed) this.#response.end(frame);
  }
}
