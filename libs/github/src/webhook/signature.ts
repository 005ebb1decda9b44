import { createHmac, timingSafeEqual } from "node:crypto";

/** What a webhook's signature says. */
export type SignatureVerdict = "valid" | "missing" | "malformed" | "mismatch";

/** `sha256=` and 64 hexadecimal digits; anything else never reaches the comparison, which throws on other lengths. */
const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;

/** Whether the header has the shape of a signature; says nothing of its truth. */
export function isSignature(
  header: string | readonly string[] | undefined,
): header is string {
  return typeof header === "string" && SIGNATURE.test(header);
}

/**
 * Checks `X-Hub-Signature-256` over the raw bytes, in constant time.
 *
 * @param secrets the current one and, while rotating, the next; none at all makes nothing valid
 * @param header as received: absent, a text, or several
 */
export function verifySignature(
  secrets: readonly string[],
  body: Uint8Array,
  header: string | readonly string[] | undefined,
): SignatureVerdict {
  if (header === undefined || header === "") return "missing";
  const hex =
    typeof header === "string" ? SIGNATURE.exec(header)?.[1] : undefined;
  if (hex === undefined) return "malformed";
  const given = Buffer.from(hex, "hex");
  let isValid = false;
  for (const secret of secrets) {
    if (secret === "") continue; // HMAC takes an empty key, and anyone has that.
    const digest = createHmac("sha256", secret).update(body).digest();
    if (timingSafeEqual(digest, given)) isValid = true;
  }
  return isValid ? "valid" : "mismatch";
}

/** Signs a body as GitHub does, for tests and tools. */
export function signWebhook(secret: string, body: Uint8Array | string): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}
