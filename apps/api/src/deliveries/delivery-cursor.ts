import type { DeliveryCursor } from "@pullwright/persistence";
import { z } from "zod";
import { invalidRequest } from "../http/api-problem.js";

const content = z.tuple([z.string().regex(/^\d{1,18}$/), z.uuid()]);

/** Where the next page begins, as opaque text. */
export function encodeDeliveryCursor(cursor: DeliveryCursor): string {
  const text = JSON.stringify([cursor.receivedMicros, cursor.id]);
  return Buffer.from(text).toString("base64url");
}

export function decodeDeliveryCursor(text: string): DeliveryCursor {
  const parsed = content.safeParse(parseJson(text));
  if (parsed.success)
    return { receivedMicros: parsed.data[0], id: parsed.data[1] };
  const message = "must be the next_cursor of another answer";
  throw invalidRequest([{ field: "cursor", message }]);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    return null;
  }
}
