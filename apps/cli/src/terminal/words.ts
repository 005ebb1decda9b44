const SECOND_MS = 1_000;

/** `1h02m`, `3m05s`, `12s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / SECOND_MS));
  const [h, m, s] = [
    Math.floor(seconds / 3600),
    Math.floor(seconds / 60) % 60,
    seconds % 60,
  ];
  const two = (value: number) => value.toString().padStart(2, "0");
  if (h > 0) return `${h.toString()}h${two(m)}m`;
  return m > 0 ? `${m.toString()}m${two(s)}s` : `${s.toString()}s`;
}

/** The time from one moment to another, or to now while it goes on. */
export function elapsed(
  from: string | null,
  to: string | null,
  now = Date.now(),
): string {
  if (from === null) return "";
  return duration((to === null ? now : Date.parse(to)) - Date.parse(from));
}

export const usd = (amount: number): string => `$${amount.toFixed(2)}`;
