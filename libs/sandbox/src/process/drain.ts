import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

const STEP_MS = 20;

/** Reads streams to their end; `busy` is true while a consumer is still working on what was read. */
export interface Pump {
  readonly streams: readonly Readable[];
  readonly finished: Promise<unknown>;
  readonly bytes: () => number;
  readonly busy: () => boolean;
}

/**
 * Waits for the rest of the output of a process that has ended. Its pipe may be held open by somebody we could not kill:
 * when nothing comes for `idleMs`, we close our side.
 */
export async function drain(pump: Pump, idleMs: number): Promise<void> {
  const state = { finished: false };
  const done = pump.finished.finally(() => {
    state.finished = true;
  });
  let lastBytes = pump.bytes();
  let quietSince = performance.now();
  while (!state.finished && performance.now() - quietSince < idleMs) {
    await Promise.race([done, sleep(STEP_MS)]);
    if (pump.busy() || pump.bytes() !== lastBytes) {
      lastBytes = pump.bytes();
      quietSince = performance.now();
    }
  }
  if (!state.finished) for (const stream of pump.streams) stream.destroy();
  await done;
}

/** The chunks of a stream; one that we closed ourselves simply ends. */
export async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer; // No encoding was set, so chunks are buffers.
  } catch (error) {
    if (!stream.destroyed) throw error;
  }
}
