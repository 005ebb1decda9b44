/**
 * How a deployment starts Node for the gateway. V8 begins with a megabyte for what lives shortly and does not give a
 * gateway more, since little of what a webhook needs survives: at 4,000 webhooks a second it is full every few milliseconds.
 * With 16 MB the gateway takes a tenth more webhooks, and no spell of slow ones (`npm run bench -- --only gateway`).
 */
export const nodeFlags = ["--min-semi-space-size=16"] as const;
