import type { Readable } from "node:stream";
import type { Upload } from "./upload-budget.js";

/** A body, or why it is none. */
type ReadBody = Buffer | "too_large" | "crowded_out";

/**
 * Reads a body into memory, up to the limit and as long as there is room; what comes after that is thrown away as it
 * arrives.
 *
 * It goes on reading, since closing the connection amid an upload would lose the answer. How long that may take is the
 * route's and the server's to say.
 */
export function readBody(
  stream: Readable,
  limitBytes: number,
  upload: Upload,
): Promise<ReadBody> {
  return new Promise((resolve, reject) => {
    let pieces: Buffer[] = [];
    let lengthBytes = 0;
    let isRefused = false;
    const refuse = (reason: "too_large" | "crowded_out") => {
      isRefused = true;
      pieces = [];
      upload.end();
      resolve(reason);
    };
    upload.onCrowdedOut = () => refuse("crowded_out");
    stream.on("data", (piece: Buffer) => {
      if (isRefused) return;
      lengthBytes += piece.length;
      if (lengthBytes > limitBytes) refuse("too_large");
      else if (!upload.take(piece.length)) refuse("crowded_out");
      else pieces.push(piece);
    });
    stream.on("end", () => {
      if (isRefused) return;
      upload.complete();
      const [only] = pieces;
      resolve(
        only && pieces.length === 1 ? only : Buffer.concat(pieces, lengthBytes),
      );
    });
    stream.on("error", reject);
  });
}
