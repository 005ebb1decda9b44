import { Deadline, sleep, withTimeout } from "@pullwright/platform";
import { Worker, type Job } from "bullmq";

/** How long a worker pauses after a failed fetch; BullMQ itself would try again at once and without end. */
const PAUSE_AFTER_FAILURE_MS = 500;

/** How long a close waits for the server to take note of what is done, and for connections to end. */
const GRACE_MS = 1_000;

/** BullMQ's worker, taught to wait between failures, to stop claiming at once and to end in time. */
export class ResilientWorker extends Worker {
  private ending = false;
  private handling = 0;
  private processing = 0;

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

  /** Fetches nothing more; a fetch already on its way may still bring one job. What runs goes on. */
  override async pause(): Promise<void> {
    await super.pause(true);
    // Else the waiting fetch would take the announcement of a job that it may not claim from a worker that could.
    await withTimeout(
      this.backend.disconnectBlocking(false),
      GRACE_MS,
      "Disconnecting",
    ).catch(() => undefined);
  }

  override async resume(): Promise<void> {
    // Fetch before waiting: the announcement of what came meanwhile may be lost. (BullMQ keeps the flag private.)
    Object.assign(this, { drained: false });
    this.backend.reconnectBlocking().catch(() => undefined); // Waits out an outage; the loop tries by itself, too.
    await super.resume();
  }

  /** BullMQ's own graceful close waits for ever for a connection that is just being made again. */
  async closeWithin(deadlineMs: number): Promise<boolean> {
    this.ending = true;
    await super.pause(true);
    await elapse(deadlineMs, () => this.handling === 0);
    const inTime = this.handling === 0;
    if (inTime) await elapse(GRACE_MS, () => this.processing === 0);
    // Locks are no longer renewed: what was let go of comes to another worker once they expire.
    await withTimeout(super.close(true), GRACE_MS, "Closing").catch(
      () => undefined,
    );
    return inTime;
  }

  override async processJob(...job: Parameters<Worker["processJob"]>) {
    this.processing += 1;
    try {
      return await super.processJob(...job);
    } finally {
      this.processing -= 1;
    }
  }

  protected override async callProcessJob(
    job: Job,
    token: string,
    signal?: AbortSignal,
  ): Promise<unknown> {
    this.handling += 1;
    try {
      return await super.callProcessJob(job, token, signal);
    } finally {
      this.handling -= 1;
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

/** Waits until the condition holds or the time is over. */
async function elapse(ms: number, condition: () => boolean): Promise<void> {
  const deadline = Deadline.after(ms);
  while (!condition() && !deadline.passed)
    await sleep(Math.min(10, deadline.remainingMs));
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
