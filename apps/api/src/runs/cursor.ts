import type { RunCursor } from "@pullwright/persistence";
import { z } from "zod";
import { invalidRequest } from "../http/api-problem.js";

const micros = z.string().regex(/^\d{1,18}$/);
/** The version before told milliseconds, as a number: its page ended somewhere within the last of them. */
const millis = z
  .int()
  .min(0)
  .max(8_640_000_000_000)
  .transform((time) => (time * 1_000 + 999).toString());
const content = z.tuple([micros.or(millis), z.uuid()]);

/** Where the next page begins, as opaque text. */
export function encodeCursor({ createdMicros, id }: RunCursor): string {
  return Buffer.from(JSON.stringify([createdMicros, id])).toString("base64url");
}

export function decodeCursor(text: string): RunCursor {
  const parsed = content.safeParse(parseJson(text));
  if (!parsed.success) {
    const message = "must be the next_cursor of another answer";
    throw invalidRequest([{ field: "cursor", message }]);
  }
  const [createdMicros, id] = parsed.data;
  return { createdMicros, id };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
