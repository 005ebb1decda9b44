/** Keeps the last bytes of a stream, whatever its length. */
export class ByteTail {
  #parts: Buffer[] = [];
  #bytes = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#parts.push(Buffer.from(chunk.subarray(-this.#maxBytes)));
    this.#bytes += Math.min(chunk.length, this.#maxBytes);
    if (this.#bytes > 4 * this.#maxBytes) this.#compact();
  }

  toString(): string {
    this.#compact();
    return this.#parts[0]?.toString("utf8") ?? "";
  }

  #compact(): void {
    const kept = Buffer.concat(this.#parts).subarray(-this.#maxBytes);
    this.#parts = [kept];
    this.#bytes = kept.length;
  }
}
