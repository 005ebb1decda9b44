import type { Readable } from "node:stream";

/**
 * Reads a body into memory, up to the limit; what comes after the limit is thrown away as it arrives.
 *
 * It goes on reading, since closing the connection amid an upload would lose the answer. How long that may take is the
 * server's request timeout.
 */
export function readBody(
  stream: Readable,
  limitBytes: number,
): Promise<Buffer | "too_large"> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let lengthBytes = 0;
    stream.on("data", (chunk: Buffer) => {
      lengthBytes += chunk.length;
      if (lengthBytes <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      resolve("too_large");
    });
    stream.on("end", () => {
      const [only] = chunks;
      resolve(
        only && chunks.length === 1 ? only : Buffer.concat(chunks, lengthBytes),
      );
    });
    stream.on("error", reject);
  });
}
