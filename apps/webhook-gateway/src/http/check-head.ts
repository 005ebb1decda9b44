import { isSignature } from "@pullwright/github/webhook";
import type { IncomingHttpHeaders } from "node:http";
import type { Refusal } from "./problem.js";

/** GitHub sends no larger payload. */
export const MAX_BODY_BYTES = 25 * 1024 * 1024;

/** What the headers of an acceptable request say. */
export interface WebhookHead {
  readonly event: string;
  readonly guid: string;
  readonly signature: string;
}

export type HeadVerdict =
  | { readonly kind: "accepted"; readonly head: WebhookHead }
  | { readonly kind: "refused"; readonly refusal: Refusal };

const EVENT = /^[a-z][a-z0-9_]{0,63}$/;
const GUID = /^[\w-]{1,100}$/;
const JSON_TYPE = /^application\/json\s*(?:;\s*charset="?utf-8"?\s*)?;?$/i;

/** Judges a request before a byte of its body is read: size, method, content type, headers, in this order. */
export function checkHead(
  method: string,
  headers: IncomingHttpHeaders,
): HeadVerdict {
  if (Number(headers["content-length"] ?? 0) > MAX_BODY_BYTES)
    return refuse(tooLarge);
  if (method !== "POST")
    return refuse({
      status: 405,
      detail: "Webhooks are sent by POST.",
      headers: { allow: "POST" },
    });
  if (!JSON_TYPE.test(headers["content-type"] ?? ""))
    return refuse({
      status: 415,
      detail:
        "The content type must be application/json; set it in the webhook's settings on GitHub.",
    });
  // Nothing is inflated, so no small body can become a large one.
  if ((headers["content-encoding"] ?? "identity") !== "identity")
    return refuse({ status: 415, detail: "The body must not be encoded." });
  const event = headers["x-github-event"];
  if (typeof event !== "string" || !EVENT.test(event))
    return refuse(badHeader("X-GitHub-Event"));
  const guid = headers["x-github-delivery"];
  if (typeof guid !== "string" || !GUID.test(guid))
    return refuse(badHeader("X-GitHub-Delivery"));
  const signature = headers["x-hub-signature-256"];
  if (!isSignature(signature)) return refuse(unsigned);
  return { kind: "accepted", head: { event, guid, signature } };
}

/** The body is larger than announced or than allowed. */
export const tooLarge: Refusal = {
  status: 413,
  detail: "The payload must not be larger than 25 MB.",
};

/** One answer for every fault of the signature: which it was helps only those who guess. */
export const unsigned: Refusal = {
  status: 401,
  detail: "X-Hub-Signature-256 does not match the payload and the secret.",
};

function badHeader(name: string): Refusal {
  return { status: 400, detail: `The header ${name} is missing or malformed.` };
}

function refuse(refusal: Refusal): HeadVerdict {
  return { kind: "refused", refusal };
}
