/** Without variables and patterns, and none of make's own, such as `.PHONY`. */
const PLAIN = /^(?!\.[A-Z])[\w./+-]+$/;
/** No path is longer (`PATH_MAX` of Linux); the regular expression's stack would not hold a text of megabytes. */
const MAX_LENGTH = 4_096;

/** The targets that a make file names as they are. */
export function makeTargets(text: string): string[] {
  const targets = text
    .replace(/\\\r?\n/g, " ")
    .split("\n")
    .flatMap(targetsOf)
    .filter((name) => name.length <= MAX_LENGTH && PLAIN.test(name));
  return [...new Set(targets)];
}

/** Those of a line that begins a rule: `a b: c`, `a:: c`, `a b &: c`; no recipe, no comment, no assignment. */
function targetsOf(line: string): string[] {
  const colon = line.indexOf(":");
  const before = line.slice(0, Math.max(0, colon));
  const isRule =
    before !== "" &&
    !/^[\t#]|[=#]/.test(before) &&
    !/^:{1,3}=/.test(line.slice(colon, colon + 4));
  return isRule ? before.split(/[\s&]+/) : [];
}
