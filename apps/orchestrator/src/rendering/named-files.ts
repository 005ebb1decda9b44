import { inline } from "./plain-text.js";

const MAX_NAMED = 50;

/** A list of paths, one a line, with how many more there are. */
export function namedFiles(
  paths: readonly string[],
  secrets: readonly string[],
): string {
  const named = paths
    .slice(0, MAX_NAMED)
    .map((path) => `- ${inline(path, secrets, 200)}`);
  const more = paths.length - named.length;
  return [
    ...named,
    ...(more > 0 ? [`- … and ${more.toString()} more`] : []),
  ].join("\n");
}
