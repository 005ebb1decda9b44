import { isUtf8 } from "node:buffer";

/** A payload as sent and as read. */
export interface ParsedPayload {
  readonly text: string;
  readonly payload: object;
}

/** Reads the bytes as a JSON object; undefined when they are none. V8's parser does not recurse, so depth is no danger. */
export function parsePayload(body: Uint8Array): ParsedPayload | undefined {
  if (!isUtf8(body)) return undefined; // Decoding would replace what is wrong, and the row would differ from what was signed.
  const text = Buffer.from(
    body.buffer,
    body.byteOffset,
    body.byteLength,
  ).toString("utf8");
  try {
    const payload: unknown = JSON.parse(text);
    const isObject =
      typeof payload === "object" &&
      payload !== null &&
      !Array.isArray(payload);
    return isObject ? { text, payload } : undefined;
  } catch {
    return undefined;
  }
}
