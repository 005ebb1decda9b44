import { sleep, withTimeout } from "@pullwright/platform";
import { Worker, type Job } from "bullmq";

/** How long a worker pauses after a failed fetch; BullMQ itself would try again at once and without end. */
const PAUSE_AFTER_FAILURE_MS = 500;

/** BullMQ's worker, taught to wait between failures, to stop claiming at once and to end in time. */
export class ResilientWorker extends Worker {
  private ending = false;

  /** Fetches until closed, and starts again should the loop ever end. */
  async keepRunning(): Promise<void> {
    while (!this.ending) {
      if (!this.running) await this.run();
      await sleep(PAUSE_AFTER_FAILURE_MS);
    }
  }

  override async run(): Promise<void> {
    try {
      await super.run();
    } catch (error) {
      this.emit("error", asError(error));
    }
  }

  /** Claims nothing more from this moment. What runs goes on. */
  override async pause(): Promise<void> {
    await super.pause(true);
    // Else the waiting fetch would take the announcement of a job that it may not claim from a worker that could.
    await this.backend.disconnectBlocking(false);
  }

  override async resume(): Promise<void> {
    // Fetch before waiting: the announcement of what came meanwhile may be lost. (BullMQ keeps the flag private.)
    Object.assign(this, { drained: false });
    await this.backend.reconnectBlocking();
    await super.resume();
  }

  override async close(force = false): Promise<void> {
    this.ending = true;
    await super.close(force);
  }

  async closeWithin(deadlineMs: number): Promise<boolean> {
    try {
      await withTimeout(
        this.close(),
        deadlineMs,
        `Closing the worker of ${this.name}`,
      );
      return true;
    } catch {
      await super.pause(true); // Ends its timers.
      // Locks are no longer renewed, so that another worker gets the jobs once they expire.
      await this.lockManager.close();
      await withTimeout(
        this.backend.disconnect(),
        1_000,
        "Disconnecting",
      ).catch(() => undefined);
      return false;
    }
  }

  protected override async moveToActive(
    token: string,
    name?: string,
  ): Promise<Job> {
    // A fetch that waited through a pause must not come back with a job.
    if (this.paused || this.ending) return undefined as unknown as Job; // BullMQ's own answer to "nothing there", which its type leaves out.
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      await sleep(PAUSE_AFTER_FAILURE_MS);
      throw error;
    }
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
