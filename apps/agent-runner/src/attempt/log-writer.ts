import type { LiveEvent } from "@pullwright/contracts";
import {
  toLogBatch,
  type LogBatch,
  type LogLevel,
  type LogLine,
} from "@pullwright/persistence";
import { messageOf, redact, sleep, type Logger } from "@pullwright/platform";

const MAX_BATCH_LINES = 2_000;
/** More full batches than this waiting: whoever adds must wait too. */
const MAX_WAITING_BATCHES = 2;
/** A line is visible to people after this long at the latest. */
const FLUSH_MS = 150;
const MAX_MESSAGE_CHARACTERS = 32 * 1024;
/** A secret that lies across the cut must be known as one. */
const LONGEST_SECRET_CHARACTERS = 8 * 1024;
const RETRY_MS = 500;

export interface LogSink {
  /** Writes a batch; null when the attempt no longer holds its phase. */
  append(batch: LogBatch): Promise<LiveEvent | null>;
  publish(event: LiveEvent): void;
}

/**
 * Streams an attempt's output into the log while it runs.
 *
 * One batch is under way at a time, so that the log keeps the order of the output; while it is, the next ones fill and
 * are encoded, so that Postgres and we work at the same time.
 * `add` returns a promise only when the writer is behind: awaiting it is the back-pressure that keeps a flooding agent
 * from filling our memory. Lines of an attempt that was lost are dropped with it.
 */
export class LogWriter {
  #filling: LogLine[] = [];
  #full: LogBatch[] = [];
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
    const text = redact(
      message.slice(0, MAX_MESSAGE_CHARACTERS + LONGEST_SECRET_CHARACTERS),
      this.secrets,
    ).slice(0, MAX_MESSAGE_CHARACTERS);
    this.#filling.push({
      at: new Date(),
      level,
      message: text,
      ...(context === undefined ? {} : { context }),
    });
    if (this.#filling.length >= MAX_BATCH_LINES) {
      this.#full.push(this.#takeFilling());
      this.#start();
    } else this.#timer ??= setTimeout(() => this.#start(), FLUSH_MS);
    if (this.#full.length < MAX_WAITING_BATCHES) return undefined;
    return new Promise((resolve) => this.#room.push(resolve));
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#start();
    await this.#writing;
  }

  /** Writes all but a last batch and gives that: for the commit of the result, which saves one of its own. */
  async takeLast(): Promise<LogBatch> {
    await this.#writing;
    while (this.#full.length > 0) {
      this.#start();
      await this.#writing;
    }
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return this.#takeFilling();
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const batch = this.#full.shift() ?? this.#takeFilling();
      if (batch.lines.length === 0) return;
      await this.#write(batch);
      for (const resolve of this.#room.splice(0)) resolve();
    }
  }

  #takeFilling(): LogBatch {
    const lines = this.#filling;
    this.#filling = [];
    return toLogBatch(lines);
  }

  async #write(batch: LogBatch): Promise<void> {
    for (;;) {
      try {
        const event = await this.sink.append(batch);
        if (event !== null) this.sink.publish(event);
        return;
      } catch (error) {
        if (this.stopped.aborted) return;
        this.logger.warn(
          { lines: batch.lines.length, reason: messageOf(error) },
          "log lines could not be written yet",
        );
        await sleep(RETRY_MS, this.stopped);
      }
    }
  }
}
