/** One message of a server-sent event stream. */
export interface ServerEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

const MAX_MESSAGE_LENGTH = 4 * 1024 * 1024;

/** Reads the messages of a stream; comments (heartbeats) are left out. */
export async function* readEvents(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const messages = text.split("\n\n");
    text = messages.pop() ?? "";
    if (text.length > MAX_MESSAGE_LENGTH)
      throw new RangeError("A message of the stream is too long.");
    for (const message of messages) {
      const event = parse(message);
      if (event) yield event;
    }
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
