import type { Doorbell, LiveEvent } from "@pullwright/contracts";

/** What a transition left to be rung and told after its commit. */
export interface News {
  readonly doorbells: readonly Doorbell[];
  readonly live: readonly LiveEvent[];
}

/** Rings and tells; losing any of it only costs time. */
export type Announce = (news: News) => Promise<void>;
