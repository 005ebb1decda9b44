const KB = 1024;
const MB = 1024 * KB;

/** What tests turn down. */
export interface UploadLimits {
  /** All uploads under way together. Default: 256 MB, ten of the largest. */
  readonly maxUploadBytes?: number | undefined;
  /** How long an upload need not make room for others. Default: 2 s; GitHub's take less, and it gives up after ten. */
  readonly uploadGraceMs?: number | undefined;
}

/** Node keeps a request with 13 to 31 KB, by its headers. */
const UPLOAD_BYTES = 32 * KB;
/** Node keeps a piece with 200 bytes beside its own: pieces of one byte, 150 MB on the wire, would take 5 GB. */
const PIECE_BYTES = 256;

/**
 * Bounds the memory that uploads take together: anyone may send, and the signature is known only at the end.
 *
 * Bytes count once they have come, not when they are announced, and with what keeping them costs. While there is room an
 * upload may take as long as the server lets a request take (30 s). When there is none, those that take longer than
 * the grace make room, the oldest first. So what an attacker fills is free again after the grace, and not after the
 * time-out: to keep genuine deliveries out one must send 256 MB every two seconds (a gigabit a second), or begin 4,000
 * uploads a second, however slowly each then dribbles. Announcing holds nothing but the 32 KB of any request.
 * Connections that never come to a body are not counted here: the time-outs of headers and of idle connections end them.
 */
export class UploadBudget {
  private usedBytes = 0;
  /** Still arriving, the oldest first. */
  private readonly arriving = new Set<Upload>();
  private readonly maxBytes: number;
  private readonly graceMs: number;

  constructor(
    { maxUploadBytes, uploadGraceMs }: UploadLimits = {},
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.maxBytes = maxUploadBytes ?? 256 * MB;
    this.graceMs = uploadGraceMs ?? 2_000;
  }

  /** Undefined when there is no room for one more. */
  begin(): Upload | undefined {
    const upload = new Upload(this, this.nowMs());
    if (!upload.hold(UPLOAD_BYTES)) return undefined;
    this.arriving.add(upload);
    return upload;
  }

  /** Takes so many bytes for an upload, if need be from others; false when there are none. */
  take(bytes: number, taker: Upload): boolean {
    while (this.usedBytes + bytes > this.maxBytes) {
      const [oldest] = this.arriving;
      if (oldest === undefined || oldest === taker) return false;
      if (this.nowMs() - oldest.begunAtMs < this.graceMs) return false;
      oldest.crowdOut();
    }
    this.usedBytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.usedBytes -= bytes;
  }

  /** It has come whole, or is over: it cannot be crowded out. */
  arrived(upload: Upload): void {
    this.arriving.delete(upload);
  }
}

/** What one upload holds of the budget. */
export class Upload {
  /** Called when it must make room; what has come of it is to be let go. */
  onCrowdedOut: () => void = () => undefined;
  private heldBytes = 0;
  private isOver = false;

  constructor(
    private readonly budget: UploadBudget,
    readonly begunAtMs: number,
  ) {}

  /** Takes the room for a piece that has come; false when there is none, or it is over. */
  take(pieceBytes: number): boolean {
    return this.hold(pieceBytes + PIECE_BYTES);
  }

  hold(bytes: number): boolean {
    if (this.isOver || !this.budget.take(bytes, this)) return false;
    this.heldBytes += bytes;
    return true;
  }

  /** All of it has come; it holds its bytes until it ends. */
  complete(): void {
    this.budget.arrived(this);
  }

  /** Gives the bytes back, once, however often called. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.budget.arrived(this);
    this.budget.giveBack(this.heldBytes);
  }

  crowdOut(): void {
    this.end();
    this.onCrowdedOut();
  }
}
