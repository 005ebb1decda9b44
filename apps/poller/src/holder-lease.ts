import type { Stores } from "@pullwright/persistence";
import { messageOf, sleep, type Logger } from "@pullwright/platform";

const NAME = "poller";

/**
 * Keeps the lease row that says which of several pollers polls.
 *
 * A row that expires and no advisory lock: a stopped process keeps a lock for as long as its connection lives (DESIGN R8).
 */
export class HolderLease {
  private heldUntilMs = 0;
  private heldFence: number | undefined;

  constructor(
    private readonly leases: Pick<Stores["leases"], "acquire" | "release">,
    private readonly owner: string,
    private readonly leaseMs: number,
    private readonly logger: Logger,
  ) {}

  /** Whether this process may poll, by the monotonic clock: a process that was stopped notices by itself. */
  get isHeld(): boolean {
    return performance.now() < this.heldUntilMs;
  }

  /** The number of the term, which grows when the lease changes hands. */
  get fence(): number | undefined {
    return this.heldFence;
  }

  /** Takes or renews the lease three times per term, until the signal aborts; then lets go of it. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.renew();
      await sleep(this.leaseMs / 3, signal);
    }
    const wasHeld = this.isHeld;
    this.heldUntilMs = 0;
    if (wasHeld)
      await this.leases.release(NAME, this.owner).catch(() => undefined); // It expires by itself.
  }

  private async renew(): Promise<void> {
    const wasHeld = this.isHeld;
    const askedAtMs = performance.now(); // Before the question: the term cannot end later here than there.
    try {
      const fence = await this.leases.acquire(NAME, this.owner, this.leaseMs);
      this.heldUntilMs = fence === null ? 0 : askedAtMs + this.leaseMs;
      this.heldFence = fence ?? this.heldFence;
      if (fence !== null && !wasHeld)
        this.logger.info({ fence }, "this poller polls now");
      if (fence === null && wasHeld)
        this.logger.warn("another poller polls now");
    } catch (error) {
      // What is held goes on to be held, until it runs out.
      this.logger.warn(
        { reason: messageOf(error) },
        "the poller's lease could not be renewed",
      );
    }
  }
}
