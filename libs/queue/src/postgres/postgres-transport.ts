import { backoffMs, sleep } from "@pullwright/platform";
import type { LiveTransport } from "../backend.js";
import type { OutageLog } from "../outage-log.js";
import type { DedicatedClient, QueuePool } from "./queue-pool.js";

const CHANNEL = "pullwright_live";

/** Live events by NOTIFY: kept nowhere, heard by every process of the database that listens. */
export class PostgresTransport implements LiveTransport {
  /** Postgres refuses 8000 bytes and more. */
  readonly maxBytes = 7_900;
  private readonly closing = new AbortController();
  private listening: Promise<void> | undefined;
  private client: DedicatedClient | undefined;

  constructor(
    private readonly pool: QueuePool,
    private readonly outage: OutageLog,
  ) {}

  async send(texts: readonly string[]): Promise<void> {
    await this.pool.query(
      "SELECT pg_notify($1, text) FROM unnest($2::text[]) AS text",
      [CHANNEL, texts],
    );
  }

  listen(onText: (text: string) => void): void {
    this.listening ??= this.keepListening(onText);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.client?.release();
    await this.listening;
  }

  private async keepListening(onText: (text: string) => void): Promise<void> {
    for (let failures = 1; !this.closing.signal.aborted; failures += 1) {
      try {
        const client = await this.pool.connect();
        await this.listenOn(client, onText);
        failures = 0;
      } catch (error) {
        this.outage.failed(error);
      }
      await sleep(
        backoffMs(failures + 1, { baseMs: 50, maxMs: 2_000 }),
        this.closing.signal,
      );
    }
  }

  /** Settles when the connection is lost; one that does not listen in time is let go of, for it would once Postgres thaws. */
  private async listenOn(
    client: DedicatedClient,
    onText: (text: string) => void,
  ): Promise<void> {
    this.client = client;
    const lost = new Promise<void>((resolve) => client.once("end", resolve));
    client.on("notification", ({ payload }) => onText(payload ?? ""));
    try {
      if (this.closing.signal.aborted) return;
      await client.query(`LISTEN ${CHANNEL}`);
      this.outage.worked();
      await lost;
    } finally {
      client.release();
    }
  }
}
