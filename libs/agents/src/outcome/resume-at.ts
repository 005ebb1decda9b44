const READ_AT_MOST = 4096;
const LATEST_MS = 8 * 24 * 60 * 60 * 1000;
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * When a limit ends, as far as the message says: "try again in 1m30.5s" or a moment in Unix seconds after a bar.
 * Undefined when it says nothing, or nothing believable.
 */
export function resumeAtIn(message: string, now: Date): string | undefined {
  const read = message.slice(0, READ_AT_MOST);
  const epoch = /\|(\d{10})\b/.exec(read)?.[1];
  if (epoch !== undefined) return moment(Number(epoch) * 1000, now);
  const wait =
    /(?:try again|retry) (?:in|after) ((?:\d{1,6}(?:\.\d{1,6})? ?(?:ms|s|m|h|d)[a-z]{0,7},? ?)+)/i.exec(
      read,
    )?.[1];
  if (wait === undefined) return undefined;
  let waitMs = 0;
  for (const [, amount, unit] of wait.matchAll(
    /(\d+(?:\.\d+)?) ?(ms|s|m|h|d)/gi,
  )) {
    waitMs += Number(amount) * (unitMs[unit?.toLowerCase() ?? ""] ?? 0);
  }
  return moment(now.getTime() + waitMs, now);
}

/** A moment that has passed by less than this was meant: the message took its time, or clocks differ. */
const JUST_PASSED_MS = 60 * 60 * 1000;

/** The moment as ISO 8601, if it is within the longest window a provider has and not long past. */
export function moment(atMs: number, now: Date): string | undefined {
  const ahead = atMs - now.getTime();
  return ahead > -JUST_PASSED_MS && ahead <= LATEST_MS
    ? new Date(atMs).toISOString()
    : undefined;
}
