import type { RunCursor } from "@pullwright/persistence";
import { z } from "zod";
import { invalidRequest } from "../http/api-problem.js";

const content = z.tuple([z.int().min(0).max(8_640_000_000_000_000), z.uuid()]);

/** Where the next page begins, as opaque text. */
export function encodeCursor({ createdAt, id }: RunCursor): string {
  return Buffer.from(JSON.stringify([createdAt.getTime(), id])).toString(
    "base64url",
  );
}

export function decodeCursor(text: string): RunCursor {
  const parsed = content.safeParse(parseJson(text));
  if (!parsed.success) {
    const message = "must be the next_cursor of another answer";
    throw invalidRequest([{ field: "cursor", message }]);
  }
  const [time, id] = parsed.data;
  return { createdAt: new Date(time), id };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
  } catch {
    return undefined;
  }
}
