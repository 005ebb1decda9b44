/** What README asks for: major and minor. */
export const NEEDED_NODE = [20, 19] as const;
export const NEEDED_GIT = [2, 38] as const;

/** Whether the first version that a text names, such as `git version 2.39.5`, is at least `[2, 38]`; false where it names none. */
export function isVersionAtLeast(
  text: string,
  [major, minor]: readonly [number, number],
): boolean {
  const match = /(\d+)\.(\d+)/.exec(text);
  if (match === null) return false;
  const [hasMajor, hasMinor] = [Number(match[1]), Number(match[2])];
  return hasMajor > major || (hasMajor === major && hasMinor >= minor);
}
