import type { LiveEvent } from "@pullwright/contracts";

/** The most texts one event may become; beyond, its readers fetch the lines themselves. */
const MAX_PARTS = 8;

/**
 * Packs events into JSON arrays of at most `maxBytes`, in order.
 *
 * An event with more log lines than fit is cut into several of fewer lines; with far more, it goes without them.
 */
export function pack(events: readonly LiveEvent[], maxBytes: number): string[] {
  const texts: string[] = [];
  let parts: string[] = [];
  let bytes = 0;
  for (const part of events.flatMap((event) => encode(event, maxBytes - 2))) {
    const size = Buffer.byteLength(part) + 1;
    if (bytes + size > maxBytes - 1 && parts.length > 0) {
      texts.push(`[${parts.join(",")}]`);
      parts = [];
      bytes = 0;
    }
    parts.push(part);
    bytes += size;
  }
  if (parts.length > 0) texts.push(`[${parts.join(",")}]`);
  return texts;
}

function encode(event: LiveEvent, maxBytes: number): string[] {
  const text = JSON.stringify(event);
  const size = Buffer.byteLength(text);
  if (size <= maxBytes) return [text];
  if (
    event.type !== "log.appended" ||
    !event.lines ||
    size > maxBytes * MAX_PARTS ||
    event.lines.length < 2
  ) {
    return withoutLines(event, maxBytes);
  }
  const middle = Math.ceil(event.lines.length / 2);
  const [first, second] = [
    event.lines.slice(0, middle),
    event.lines.slice(middle),
  ];
  const border = second[0]?.seq ?? event.toSeq;
  return [
    ...encode({ ...event, lines: first, toSeq: border - 1 }, maxBytes),
    ...encode({ ...event, lines: second, fromSeq: border }, maxBytes),
  ];
}

function withoutLines(event: LiveEvent, maxBytes: number): string[] {
  const text = JSON.stringify(
    event.type === "log.appended" ? { ...event, lines: null } : event,
  );
  return Buffer.byteLength(text) <= maxBytes ? [text] : [];
}
