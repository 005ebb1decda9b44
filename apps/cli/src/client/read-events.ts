import { readPieces } from "./read-pieces.js";

/** One message of a server-sent event stream. */
export interface ServerEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/** Reads the messages of a stream; comments (heartbeats) are left out. */
export async function* readEvents(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerEvent> {
  for await (const message of readPieces(stream, "\n\n")) {
    const event = parse(message);
    if (event) yield event;
  }
}

function parse(message: string): ServerEvent | undefined {
  const fields = new Map<string, string>();
  for (const line of message.split("\n")) {
    const colon = line.indexOf(":");
    if (colon <= 0) continue;
    fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart());
  }
  const data = fields.get("data");
  if (data === undefined) return undefined;
  return {
    id: fields.get("id"),
    event: fields.get("event") ?? "message",
    data,
  };
}
