/** One message of a server-sent event stream. */
export interface SseMessage {
  readonly id?: number;
  readonly event?: string;
  readonly data: unknown;
}

/** The bytes of some messages; JSON holds no line end, so each `data` is one line. */
export function encodeFrames(messages: readonly SseMessage[]): Buffer {
  let text = "";
  for (const { id, event, data } of messages) {
    if (id !== undefined) text += `id: ${id.toString()}\n`;
    if (event !== undefined) text += `event: ${event}\n`;
    text += `data: ${JSON.stringify(data)}\n\n`;
  }
  return Buffer.from(text);
}

/** Says nothing, but keeps proxies from closing a quiet stream. */
export const silentFrame = Buffer.from(":\n\n");
