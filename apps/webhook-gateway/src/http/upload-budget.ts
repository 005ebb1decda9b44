/** Bounds the memory that uploads take together: anyone may send, and the signature is known only at the end. */
export class UploadBudget {
  private usedBytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Returns how to give the bytes back (once, however often called), or undefined when there is no room. */
  reserve(bytes: number): (() => void) | undefined {
    if (this.usedBytes + bytes > this.maxBytes) return undefined;
    this.usedBytes += bytes;
    let isHeld = true;
    return () => {
      if (isHeld) this.usedBytes -= bytes;
      isHeld = false;
    };
  }
}
