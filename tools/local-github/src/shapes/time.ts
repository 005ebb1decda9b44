/** GitHub writes times in UTC with whole seconds. */
export const iso = (date: Date): string =>
  date.toISOString().replace(/\.\d{3}Z$/, "Z");

export const isoOrNull = (date: Date | null): string | null =>
  date === null ? null : iso(date);
