/** A duration for people: `850 ms`, `12 s`, `3 min 5 s`, `2 h 4 min`. */
export function durationText(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.round(ms)).toString()} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds.toString()} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return `${minutes.toString()} min ${(seconds % 60).toString()} s`;
  return `${Math.floor(minutes / 60).toString()} h ${(minutes % 60).toString()} min`;
}

/** Dollars with cents; small amounts keep what makes them more than nothing. */
export function dollars(usd: number): string {
  return `$${usd.toFixed(usd > 0 && usd < 0.1 ? 4 : 2)}`;
}

/** A moment without seconds, in UTC: people of all time zones read the same comment. */
export function momentText(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
