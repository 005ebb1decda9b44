import type { Redis } from "ioredis";
import type { LiveTransport } from "../backend.js";

/**
 * Live events by Redis's publish and subscribe.
 *
 * Nothing is kept, so nothing can fill up: Redis drops a subscriber that reads too slowly, and ioredis subscribes
 * anew after every reconnect.
 */
export class RedisTransport implements LiveTransport {
  readonly maxBytes = 256 * 1024;

  constructor(
    private readonly publisher: Redis,
    private readonly connect: () => Redis,
    private readonly channel: string,
  ) {}

  async send(texts: readonly string[]): Promise<void> {
    await Promise.all(
      texts.map((text) => this.publisher.publish(this.channel, text)),
    );
  }

  listen(onText: (text: string) => void): void {
    const subscriber = this.connect();
    subscriber.on("message", (_channel, text) => onText(text));
    subscriber.subscribe(this.channel).catch(() => undefined); // Only a closed connection refuses; outages are waited out.
  }
}
