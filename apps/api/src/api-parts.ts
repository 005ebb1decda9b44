import type { GitHub } from "@pullwright/github";
import type { Runtime } from "@pullwright/runtime";

/** What the API needs of its process; opened and closed by whoever starts it. */
export type ApiRuntime = Pick<
  Runtime,
  | "announce"
  | "config"
  | "health"
  | "logger"
  | "metrics"
  | "queues"
  | "shutdown"
  | "stores"
>;

/** What may be given, and is made otherwise. */
export interface ApiOptions {
  readonly github?: GitHub;
  readonly limits?: Partial<ApiLimits>;
}

/** Everything the API is built upon. */
export interface ApiParts extends ApiRuntime {
  readonly github: GitHub;
  readonly limits: ApiLimits;
  /** The product's version, as `/health` shows it. */
  readonly version: string;
}

/** How much one caller may ask for. Counted per process. */
export interface ApiLimits {
  /** Requests of one key, or of one address without a key, in {@link ApiLimits.windowMs}. */
  readonly requests: number;
  readonly windowMs: number;
  /** Wrong keys from one address in a minute; beyond, keys are not even looked up. */
  readonly failedAttempts: number;
  /** Open streams of one key. */
  readonly streamsPerKey: number;
  /** Bytes a stream may lag behind before its reader counts as slow. */
  readonly streamBacklogBytes: number;
  readonly bodyBytes: number;
}

export const defaultLimits: ApiLimits = {
  requests: 3_000,
  windowMs: 10_000,
  failedAttempts: 100,
  streamsPerKey: 1_000,
  streamBacklogBytes: 1024 * 1024,
  bodyBytes: 1024 * 1024,
};

/** Nest's names for the parts. */
export const CONFIG = Symbol("config");
export const STORES = Symbol("stores");
export const QUEUES = Symbol("queues");
export const ANNOUNCE = Symbol("announce");
export const GITHUB = Symbol("github");
export const LOGGER = Symbol("logger");
export const LIMITS = Symbol("limits");
export const METRICS = Symbol("metrics");
export const HEALTH = Symbol("health");
export const VERSION = Symbol("version");
