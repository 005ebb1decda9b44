import { liveEvent, type LiveEvent } from "@pullwright/contracts";
import { withTimeout } from "@pullwright/platform";
import type { LiveTransport } from "../backend.js";
import type { OutageLog } from "../outage-log.js";
import type { QueueMetrics } from "../queue-metrics.js";
import { pack } from "./pack.js";

/** Hears live events; must not take long. */
export type LiveEventHandler = (event: LiveEvent) => void;

/** Events that wait while the queue is slow; beyond, new ones are dropped. */
const MAX_WAITING = 1_000;
/** Log lines that wait; beyond, events go without theirs. */
const MAX_WAITING_LINES = 20_000;

interface Surroundings {
  readonly transport: LiveTransport;
  readonly outage: OutageLog;
  readonly metrics: QueueMetrics | undefined;
  readonly timeoutMs: number;
}

/** Tells and hears what happens, between all processes. Never blocks, never grows without bound, may lose. */
export class LiveEvents {
  private waiting: LiveEvent[] = [];
  private waitingLines = 0;
  private sending = false;
  private closed = false;
  private readonly handlers = new Set<LiveEventHandler>();
  private listening = false;

  constructor(private readonly around: Surroundings) {}

  /** Sends at once when nothing else is under way; what comes meanwhile goes together in the next send. */
  publish(event: LiveEvent): void {
    if (this.closed) return;
    if (this.waiting.length >= MAX_WAITING) {
      this.around.metrics?.liveEvents.inc({ outcome: "dropped" });
      return;
    }
    this.waiting.push(this.withinBounds(event));
    if (!this.sending) void this.sendAll();
  }

  /** Hears every event from now on; returns how to stop. */
  subscribe(handler: LiveEventHandler): () => void {
    this.handlers.add(handler);
    if (!this.listening) {
      this.listening = true;
      this.around.transport.listen((text) => this.receive(text));
    }
    return () => void this.handlers.delete(handler);
  }

  close(): void {
    this.closed = true;
    this.waiting = [];
    this.handlers.clear();
  }

  private withinBounds(event: LiveEvent): LiveEvent {
    if (event.type !== "log.appended" || !event.lines) return event;
    if (this.waitingLines + event.lines.length > MAX_WAITING_LINES)
      return { ...event, lines: null };
    this.waitingLines += event.lines.length;
    return event;
  }

  private async sendAll(): Promise<void> {
    const { transport, outage, metrics, timeoutMs } = this.around;
    this.sending = true;
    while (this.waiting.length > 0) {
      const events = this.waiting;
      this.waiting = [];
      this.waitingLines = 0;
      try {
        await withTimeout(
          transport.send(pack(events, transport.maxBytes)),
          timeoutMs,
          "Sending live events",
        );
        metrics?.liveEvents.inc({ outcome: "sent" }, events.length);
        outage.worked();
      } catch (error) {
        metrics?.liveEvents.inc({ outcome: "dropped" }, events.length);
        outage.failed(error);
      }
    }
    this.sending = false;
  }

  private receive(text: string): void {
    for (const candidate of parseArray(text)) {
      const parsed = liveEvent.safeParse(candidate);
      if (!parsed.success) continue; // From a newer version, most likely: it knows events that we do not.
      this.around.metrics?.liveEvents.inc({ outcome: "received" });
      for (const handler of this.handlers) handler(parsed.data);
    }
  }
}

function parseArray(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
