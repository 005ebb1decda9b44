import { createHmac } from "node:crypto";
import { createRequire } from "node:module";

/** A signed webhook, ready to be sent but for its delivery id. */
export interface SignedPayload {
  readonly event: string;
  readonly body: Buffer;
  readonly signature: string;
}

const TYPICAL_BYTES = 18_600;
const TOLERANCE_BYTES = 2_000;

interface Definition {
  readonly name: string;
  readonly examples: readonly object[];
}

/** GitHub's published example payloads of about 18.6 KB, the size of a typical `issues` event. */
export function typicalPayloads(secret: string): SignedPayload[] {
  const definitions = createRequire(import.meta.url)(
    "@octokit/webhooks-examples",
  ) as Definition[]; // The package is JSON and has no types.
  const payloads = definitions.flatMap(({ name, examples }) =>
    examples.map((example) => ({
      event: name,
      body: Buffer.from(JSON.stringify(example)),
    })),
  );
  return payloads
    .filter(
      ({ body }) => Math.abs(body.length - TYPICAL_BYTES) < TOLERANCE_BYTES,
    )
    .map(({ event, body }) => ({ event, body, signature: sign(secret, body) }));
}

export function sign(secret: string, body: Buffer): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}
