import { AppError } from "../error/app-error.js";
import { withTimeout } from "../time/with-timeout.js";

/** Resolves when the thing works, throws when it does not. */
export type HealthCheck = () => Promise<unknown>;

/** The answer of `/health` and `/health/ready`. */
export interface HealthReport {
  readonly status: "ok" | "unavailable";
  readonly checks: Readonly<Record<string, CheckResult>>;
}

export interface CheckResult {
  readonly status: "ok" | "failed";
  readonly durationMs: number;
  /** Why it failed, in words fit for strangers: the endpoint is public. */
  readonly reason?: string;
}

const DEFAULT_TIMEOUT_MS = 2_000;

interface Entry {
  readonly check: HealthCheck;
  readonly timeoutMs: number;
  /** A check that hangs is asked once, not once a probe. */
  pending?: Promise<unknown> | undefined;
}

/** Knows what must work for this process to be of use. */
export class HealthRegistry {
  private readonly entries = new Map<string, Entry>();
  private readonly failing = new Set<string>();
  private stopping = false;

  /** `onChange` is told when a check fails that did not before, and when it works again. */
  constructor(
    private readonly onChange: (
      name: string,
      result: CheckResult,
    ) => void = () => undefined,
  ) {}

  /** Adds a check to readiness; one that takes longer than `timeoutMs` has failed. */
  register(
    name: string,
    check: HealthCheck,
    { timeoutMs = DEFAULT_TIMEOUT_MS } = {},
  ): void {
    this.entries.set(name, { check, timeoutMs });
  }

  /** Makes the process not ready for good, so that no new work is sent while it ends. */
  stop(): void {
    this.stopping = true;
  }

  /** The process runs: nothing outside is asked, or an outage of Postgres would restart every pod. */
  live(): HealthReport {
    return { status: "ok", checks: {} };
  }

  /** The process and all it depends on can work. Always answers within the longest timeout. */
  async ready(): Promise<HealthReport> {
    const results = await Promise.all(
      [...this.entries].map(
        async ([name, entry]) => [name, await ask(name, entry)] as const,
      ),
    );
    for (const [name, result] of results) this.note(name, result);
    const failed =
      this.stopping || results.some(([, { status }]) => status === "failed");
    return {
      status: failed ? "unavailable" : "ok",
      checks: Object.fromEntries(results),
    };
  }

  private note(name: string, result: CheckResult): void {
    const fails = result.status === "failed";
    if (fails === this.failing.has(name)) return;
    if (fails) this.failing.add(name);
    else this.failing.delete(name);
    this.onChange(name, result);
  }
}

async function ask(name: string, entry: Entry): Promise<CheckResult> {
  const startedAt = performance.now();
  const elapsed = () => Math.round(performance.now() - startedAt);
  entry.pending ??= start(entry);
  try {
    await withTimeout(entry.pending, entry.timeoutMs, `The check of ${name}`);
    return { status: "ok", durationMs: elapsed() };
  } catch (error) {
    return { status: "failed", durationMs: elapsed(), reason: reasonOf(error) };
  }
}

function start(entry: Entry): Promise<unknown> {
  const running = Promise.resolve().then(entry.check);
  const finished = () => {
    entry.pending = undefined;
  };
  running.then(finished, finished);
  return running;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof AppError)) return "failed";
  return error.expose || error.code === "timeout" ? error.message : error.code;
}
