import type { LiveEvent } from "@pullwright/contracts";
import type { LogLevel, LogLine } from "@pullwright/persistence";
import { messageOf, redact, sleep, type Logger } from "@pullwright/platform";

const MAX_BATCH_LINES = 2_000;
/** More lines than this waiting: whoever adds must wait too. */
const MAX_WAITING_LINES = 3 * MAX_BATCH_LINES;
/** A line is visible to people after this long at the latest. */
const FLUSH_MS = 150;
const MAX_MESSAGE_CHARACTERS = 32 * 1024;
const RETRY_MS = 500;

export interface LogSink {
  /** Writes a batch; null when the attempt no longer holds its phase. */
  append(lines: readonly LogLine[]): Promise<LiveEvent | null>;
  publish(event: LiveEvent): void;
}

/**
 * Streams an attempt's output into the log while it runs.
 *
 * One batch is under way at a time, so that the log keeps the order of the output; while it is, the next one fills.
 * `add` returns a promise only when the writer is behind: awaiting it is the back-pressure that keeps a flooding agent
 * from filling our memory. Lines of an attempt that was lost are dropped with it.
 */
export class LogWriter {
  #waiting: LogLine[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #room: (() => void)[] = [];

  constructor(
    private readonly sink: LogSink,
    private readonly secrets: readonly string[],
    private readonly logger: Logger,
    /** Ends the tries while Postgres is away. */
    private readonly stopped: AbortSignal,
  ) {}

  add(
    level: LogLevel,
    message: string,
    context?: Readonly<Record<string, unknown>>,
  ): Promise<void> | undefined {
    const text = redact(message.slice(0, MAX_MESSAGE_CHARACTERS), this.secrets);
    this.#waiting.push({
      at: new Date(),
      level,
      message: text,
      ...(context === undefined ? {} : { context }),
    });
    if (this.#waiting.length >= MAX_BATCH_LINES) this.#start();
    else this.#timer ??= setTimeout(() => this.#start(), FLUSH_MS);
    if (this.#waiting.length < MAX_WAITING_LINES) return undefined;
    return new Promise((resolve) => this.#room.push(resolve));
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#start();
    await this.#writing;
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting.splice(0, MAX_BATCH_LINES);
      await this.#write(lines);
      for (const resolve of this.#room.splice(0)) resolve();
    }
  }

  async #write(lines: readonly LogLine[]): Promise<void> {
    for (;;) {
      try {
        const event = await this.sink.append(lines);
        if (event !== null) this.sink.publish(event);
        return;
      } catch (error) {
        if (this.stopped.aborted) return;
        this.logger.warn(
          { lines: lines.length, reason: messageOf(error) },
          "log lines could not be written yet",
        );
        await sleep(RETRY_MS, this.stopped);
      }
    }
  }
}
