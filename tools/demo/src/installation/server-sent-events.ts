/** One message of a server-sent event stream. */
export interface ServerSentEvent {
  readonly id: string | null;
  readonly event: string;
  readonly data: string;
}

/** Reads the messages of a `text/event-stream` as they arrive; comments are left out. */
export async function* readServerSentEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const blocks = (rest + decoder.decode(chunk, { stream: true }))
      .replaceAll("\r\n", "\n")
      .split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const message = parseBlock(block);
      if (message !== undefined) yield message;
    }
  }
}

function parseBlock(block: string): ServerSentEvent | undefined {
  const fields = new Map<string, string[]>();
  for (const line of block.split("\n")) {
    const [, name = "", value = ""] = /^([^:]+): ?(.*)$/.exec(line) ?? [];
    if (name !== "") fields.set(name, [...(fields.get(name) ?? []), value]);
  }
  const data = fields.get("data");
  return data === undefined
    ? undefined
    : {
        id: fields.get("id")?.at(-1) ?? null,
        event: fields.get("event")?.at(-1) ?? "message",
        data: data.join("\n"),
      };
}
