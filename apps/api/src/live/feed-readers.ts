import type { LiveEventOf } from "@pullwright/contracts";
import type { Stores } from "@pullwright/persistence";
import { runEventShape } from "../logs/log-shape.js";
import type { Batch, ReadAfter } from "./feed.js";
import { encodeFrames, type SseMessage } from "./sse-frame.js";

const PAGE = 500;

/** Reads a run's log for its feed. */
export function logReader(stores: Stores, runId: string): ReadAfter {
  return async (after) => {
    const entries = await stores.logs.page(runId, { after, limit: PAGE });
    return page(
      entries.map(({ seq, at, level, phase, message }) => ({
        id: seq,
        data: { seq, timestamp: at.toISOString(), level, phase, message },
      })),
    );
  };
}

/** Reads a run's events for its feed. */
export function eventReader(stores: Stores, runId: string): ReadAfter {
  return async (after) => {
    const events = await stores.runQueries.events(runId, after, PAGE);
    return page(
      events.map(runEventShape).map((data) => ({ id: data.seq, data })),
    );
  };
}

/** The lines of a live event, in the very form that the table's take. */
export function liveBatch({
  lines,
  fromSeq,
  toSeq,
}: LiveEventOf<"log.appended">): Batch | undefined {
  if (lines === null || lines.length === 0) return undefined;
  const messages = lines.map(({ seq, at, level, phase, text }) => ({
    id: seq,
    data: {
      seq,
      timestamp: new Date(at).toISOString(),
      level,
      phase,
      message: text,
    },
  }));
  return { first: fromSeq, last: toSeq, frame: encodeFrames(messages) };
}

function page(messages: readonly (SseMessage & { readonly id: number })[]) {
  const [first, last] = [messages[0], messages.at(-1)];
  if (first === undefined || last === undefined)
    return { batch: null, isLast: true };
  return {
    batch: { first: first.id, last: last.id, frame: encodeFrames(messages) },
    isLast: messages.length < PAGE,
  };
}
