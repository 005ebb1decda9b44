import type { QueueName } from "@pullwright/contracts";
import type { Processor, Queue, Worker } from "bullmq";

/** What BullMQ on one kind of server needs; the rest of this library is the same for both. */
export interface Backend {
  readonly kind: "redis" | "postgres";
  /** Works at once, whether the server is there or not. */
  createQueue(name: QueueName): Queue;
  createWorker(
    name: QueueName,
    processor: Processor,
    concurrency: number,
  ): DoorbellWorker;
  readonly live: LiveTransport;
  /** Throws, in words fit for the public, when the server is away or not fit for use. */
  check(): Promise<void>;
  /** Whether the server has lost everything since this was last asked, by whatever process. Rejects while it is away. */
  wasEmptied(): Promise<boolean>;
  close(): Promise<void>;
}

/** A BullMQ worker that can be closed within a time. */
export interface DoorbellWorker extends Worker {
  /** Fetches until closed, across every outage. */
  keepRunning(): Promise<void>;
  /** Takes no more jobs and waits for the running ones; false when time was up and it let go of them. */
  closeWithin(deadlineMs: number): Promise<boolean>;
}

/** Carries texts from any process to all. Texts may be lost, never mixed. */
export interface LiveTransport {
  /** The most bytes one text may have. */
  readonly maxBytes: number;
  /** Rejects when it cannot be done in time. */
  send(texts: readonly string[]): Promise<void>;
  /** Hears from now on, across outages. Called once. */
  listen(onText: (text: string) => void): void;
}
