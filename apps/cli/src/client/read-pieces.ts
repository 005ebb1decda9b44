const MAX_PIECE_LENGTH = 4 * 1024 * 1024;

/** Reads the pieces of a text that each end with a separator; a last one without it is broken off, and left out. */
export async function* readPieces(
  stream: ReadableStream<Uint8Array>,
  separator: string,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    text += decoder.decode(chunk, { stream: true });
    const pieces = text.split(separator);
    text = pieces.pop() ?? "";
    if (text.length > MAX_PIECE_LENGTH)
      throw new RangeError("A line or message of the stream is too long.");
    yield* pieces;
  }
}
