import type { Viewer } from "../auth/viewer.js";

const WINDOW_MS = 60 * 60 * 1_000;
const ANONYMOUS_LIMIT = 60;

export type Resource = "core" | "graphql";

/** What one viewer may still ask for in the running hour. */
export class Quota {
  used = 0;
  #resetsAtMs = Date.now() + WINDOW_MS;

  constructor(
    readonly limit: number,
    readonly resource: Resource,
  ) {}

  /** Counts one request; false when there is none left. */
  take(): boolean {
    this.#startOver();
    if (this.used >= this.limit) return false;
    this.used += 1;
    return true;
  }

  shape() {
    this.#startOver();
    return {
      limit: this.limit,
      used: this.used,
      remaining: this.limit - this.used,
      reset: this.resetSeconds,
    };
  }

  headers(): Record<string, string> {
    const { limit, used, remaining, reset } = this.shape();
    return {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(remaining),
      "x-ratelimit-used": String(used),
      "x-ratelimit-reset": String(reset),
      "x-ratelimit-resource": this.resource,
    };
  }

  get resetSeconds(): number {
    return Math.ceil(this.#resetsAtMs / 1_000);
  }

  #startOver(): void {
    if (Date.now() < this.#resetsAtMs) return;
    this.used = 0;
    this.#resetsAtMs = Date.now() + WINDOW_MS;
  }
}

/** The quota of each viewer and resource: users share one over all their tokens, installations have their own. */
export class Quotas {
  readonly #quotas = new Map<string, Quota>();

  constructor(private readonly limit: number) {}

  of(key: string, resource: Resource, limit = this.limit): Quota {
    const name = `${resource} ${key}`;
    const quota = this.#quotas.get(name) ?? new Quota(limit, resource);
    this.#quotas.set(name, quota);
    return quota;
  }
}

export function viewerQuota(
  quotas: Quotas,
  viewer: Viewer,
  resource: Resource,
): Quota {
  switch (viewer.kind) {
    case "anonymous":
      return quotas.of("anonymous", resource, ANONYMOUS_LIMIT);
    case "app":
      return quotas.of(`app ${viewer.app.id}`, resource);
    case "token": {
      const { installation, user } = viewer.token;
      return quotas.of(
        installation ? `installation ${installation.id}` : `user ${user.id}`,
        resource,
      );
    }
  }
}
