import type { ApiUnderTest } from "./running-api.js";

export interface Heard {
  readonly id?: string;
  readonly event?: string;
  readonly data: unknown;
}

export interface Listener {
  readonly heard: Heard[];
  readonly headers: Headers;
  readonly status: number;
  /** Resolves when the server has ended the stream. */
  readonly ended: Promise<void>;
  stop(): void;
}

/** Listens to a stream of server-sent events. */
export async function listen(
  api: Pick<ApiUnderTest, "url" | "key">,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Listener> {
  const stopping = new AbortController();
  const response = await fetch(api.url + path, {
    headers: { authorization: `Bearer ${api.key}`, ...headers },
    signal: stopping.signal,
  });
  const heard: Heard[] = [];
  const read = async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk as Uint8Array, { stream: true });
      const frames = text.split("\n\n");
      text = frames.pop() ?? "";
      heard.push(...frames.filter((frame) => !frame.startsWith(":")).map(parse));
    }
    if (text !== "") throw new Error(`The stream ended within a message: ${text}`);
  };
  return {
    heard,
    headers: response.headers,
    status: response.status,
    ended: read().catch((error: unknown) => {
      if (!stopping.signal.aborted) throw error;
    }),
    stop: () => stopping.abort(),
  };
}

function parse(frame: string): Heard {
  const fields = new Map(frame.split("\n").map((line) => line.split(/: (.*)/s, 2) as [string, string]));
  const [id, event] = [fields.get("id"), fields.get("event")];
  return {
    ...(id === undefined ? {} : { id }),
    ...(event === undefined ? {} : { event }),
    data: JSON.parse(fields.get("data") ?? "null"),
  };
}
