import type { JobName, JobPayload } from "./catalog.js";

/** A ring still to be made: ids only, may be lost, doubled or wiped with no harm. */
export type Doorbell = {
  [N in JobName]: { readonly name: N; readonly payload: JobPayload<N> } &
    // Heard also while the ring before is being answered, which may take as long as an agent works.
    (N extends "phase.queued" ? { readonly insists?: true } : unknown);
}[JobName];
