const MAX_LINE_LENGTH = 4 * 1024 * 1024;

/** Reads the lines of a stream; one that does not end with a line break is broken off, and left out. */
export async function* readLines(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split("\n");
    text = lines.pop() ?? "";
    if (text.length > MAX_LINE_LENGTH)
      throw new RangeError("A line of the stream is too long.");
    yield* lines;
  }
}
