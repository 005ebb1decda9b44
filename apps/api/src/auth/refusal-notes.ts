import type {
  AuditAction,
  AuditNote,
  DoneBy,
  Stores,
} from "@pullwright/persistence";
import type { Logger } from "@pullwright/platform";
import type { FastifyRequest } from "fastify";

const MINUTE_MS = 60_000;
/** Entries that refusals of one process make in a minute at most: whoever sends many must not fill the audit. */
const MAX_A_MINUTE = 100;
const MAX_COUNTED = 1_000;

/**
 * Notes refused requests in the audit. Of one kind from one place the first in a minute has an entry; how many followed
 * it stands in the next one.
 */
export class RefusalNotes {
  readonly #noted = new Set<string>();
  readonly #following = new Map<string, number>();
  #minuteEndMs = 0;

  constructor(
    private readonly audit: Pick<Stores["audit"], "record">,
    private readonly logger: Logger,
  ) {}

  /** Nobody waits for it, and a refusal stays one whatever becomes of its entry. */
  note(
    action: AuditAction,
    by: DoneBy,
    details: Readonly<Record<string, unknown>>,
    repository?: AuditNote["repository"],
  ): void {
    this.#turnMinute();
    const kind = `${action} ${by.actor} ${by.origin ?? ""}`;
    const followed = this.#following.get(kind) ?? 0;
    if (this.#noted.has(kind)) {
      this.#following.set(kind, followed + 1);
      return;
    }
    if (this.#noted.size >= MAX_A_MINUTE) return;
    this.#noted.add(kind);
    this.#following.delete(kind);
    const more = followed > 0 ? { repeated_before: followed } : {};
    this.audit
      .record({
        by,
        action,
        details: { ...details, ...more },
        ...(repository === undefined ? {} : { repository }),
      })
      .catch((error: unknown) =>
        this.logger.warn({ err: error, action }, "a refusal was not noted"),
      );
  }

  #turnMinute(): void {
    const nowMs = performance.now();
    if (nowMs < this.#minuteEndMs) return;
    this.#minuteEndMs = nowMs + MINUTE_MS;
    this.#noted.clear();
    if (this.#following.size > MAX_COUNTED) this.#following.clear();
  }
}

/** Never the address itself: it is the caller's choice. */
export function whereOf({
  method,
  routeOptions,
}: FastifyRequest): Readonly<Record<string, string>> {
  return { method, route: routeOptions.url ?? "unknown" };
}
