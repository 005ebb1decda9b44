import type { Logger } from "@pullwright/platform";

const REPEAT_AFTER_MS = 30_000;

/** Says once that something is away and once that it is back, however many errors come in between. */
export class OutageLog {
  private downSince: number | undefined;
  private loggedAt = 0;

  constructor(
    private readonly logger: Logger,
    private readonly what: string,
  ) {}

  failed(error: unknown): void {
    const now = performance.now();
    this.downSince ??= now;
    if (this.loggedAt !== 0 && now - this.loggedAt < REPEAT_AFTER_MS) return;
    this.loggedAt = now;
    this.logger.warn({ err: error }, `${this.what} does not work`);
  }

  worked(): void {
    if (this.downSince === undefined) return;
    const downMs = Math.round(performance.now() - this.downSince);
    this.downSince = undefined;
    this.loggedAt = 0;
    this.logger.info({ downMs }, `${this.what} works again`);
  }
}
