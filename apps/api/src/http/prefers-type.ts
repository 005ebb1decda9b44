/**
 * Whether an `Accept` header names a content type, and wants it more than JSON; wildcards mean JSON, as no header does.
 */
export function prefersType(
  accept: string | undefined,
  contentType: string,
): boolean {
  const wanted = qualities(accept ?? "");
  const quality = wanted.get(contentType) ?? 0;
  return quality > (wanted.get("application/json") ?? 0);
}

function qualities(accept: string): ReadonlyMap<string, number> {
  return new Map(
    accept.split(",").map((range) => {
      const [type = "", ...parameters] = range
        .split(";")
        .map((part) => part.trim().toLowerCase());
      const quality = parameters.find((one) => one.startsWith("q="));
      return [type, quality === undefined ? 1 : Number(quality.slice(2)) || 0];
    }),
  );
}
