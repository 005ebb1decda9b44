// Shorter than in production: a holder that died keeps the others from its work for seconds.
export const POLLER_LEASE_MS = 5_000;
export const RECONCILER_LEASE_MS = 4_000;
