import type { Logger } from "@pullwright/platform";

const QUIET_MS = 30_000;
/** From here on an outage is told when it is over, if it was not when it began. */
const LONG_MS = 1_000;

/**
 * Says that something is away and that it is back: of what comes and goes at most once in half a minute, but no outage
 * of a second or more stays untold.
 */
export class OutageLog {
  private downSince: number | undefined;
  private loggedAt = -Infinity;
  private told = false;

  constructor(
    private readonly logger: Logger,
    private readonly what: string,
  ) {}

  failed(error: unknown): void {
    const now = performance.now();
    this.downSince ??= now;
    if (now - this.loggedAt < QUIET_MS) return;
    this.loggedAt = now;
    this.told = true;
    this.logger.warn({ err: error }, `${this.what} does not work`);
  }

  worked(): void {
    if (this.downSince === undefined) return;
    const downMs = Math.round(performance.now() - this.downSince);
    this.downSince = undefined;
    if (!this.told && downMs < LONG_MS) return;
    this.told = false;
    this.logger.info({ downMs }, `${this.what} works again`);
  }
}
