/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** Interpolates between neighbours, so that few values do not jump. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = ((sorted.length - 1) * percent) / 100;
  const below = sorted[Math.floor(place)];
  const above = sorted[Math.ceil(place)];
  if (below === undefined || above === undefined)
    throw new RangeError("There is no percentile of nothing.");
  return below + (above - below) * (place - Math.floor(place));
}
