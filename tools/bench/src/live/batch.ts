import type { LiveEventOf } from "@pullwright/contracts";

export const BATCH_LINES = 20;
/** Numbers of one width make frames of one length. */
const FIRST_SEQ = 1_000_001;
const AT = Date.UTC(2026, 0, 1);
const TEXT = "compiled src/feature/component.ts in 17 ms, 0 errors, 2 warnings";
const PHASE = "build";

/** The sequence number before the batch of this index. */
export function seqBefore(index: number): number {
  return FIRST_SEQ - 1 + index * BATCH_LINES;
}

/** The batch as the runner tells it. */
export function batchEvent(
  run: { readonly id: string; readonly adwId: string },
  index: number,
): LiveEventOf<"log.appended"> {
  const fromSeq = seqBefore(index) + 1;
  return {
    type: "log.appended",
    runId: run.id,
    adwId: run.adwId,
    fromSeq,
    toSeq: fromSeq + BATCH_LINES - 1,
    lines: Array.from({ length: BATCH_LINES }, (_, line) => ({
      seq: fromSeq + line,
      at: AT,
      level: "INFO",
      phase: PHASE,
      text: TEXT,
    })),
  };
}

/** The same batch as a subscriber gets it. */
export function batchFrame(index: number): Buffer {
  const timestamp = new Date(AT).toISOString();
  let text = "";
  for (let line = 1; line <= BATCH_LINES; line += 1) {
    const seq = seqBefore(index) + line;
    const data = { seq, timestamp, level: "INFO", phase: PHASE, message: TEXT };
    text += `id: ${seq.toString()}\ndata: ${JSON.stringify(data)}\n\n`;
  }
  return Buffer.from(text);
}
