/**
 * How a deployment starts Node for the gateway. V8 begins with a megabyte for what lives shortly and does not give a
 * gateway more, since little of what a webhook needs survives: at 4,000 webhooks a second it is full every few milliseconds.
 * With 16 MB it took 4,310 a second, without 3,930: `npm run bench -- --only gateway`, with and without.
 */
export const nodeFlags = ["--min-semi-space-size=16"] as const;
