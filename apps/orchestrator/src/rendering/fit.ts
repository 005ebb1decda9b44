/** GitHub refuses longer comments and descriptions. */
export const MAX_BODY_LENGTH = 65_536;

const LEFT_OUT = "_The rest is left out: GitHub takes no longer text._";

/**
 * Joins whole sections, in order, as far as they fit. A section that does not fit is left out as a whole, so that no
 * fence or block stays open; `last` is always there.
 */
export function fitSections(
  sections: readonly (string | null)[],
  last: string,
  maxLength = MAX_BODY_LENGTH,
): string {
  const gap = "\n\n";
  const reserve = last.length + LEFT_OUT.length + 2 * gap.length;
  const taken: string[] = [];
  let length = 0;
  let leftOut = false;
  for (const section of sections) {
    if (section === null || section === "") continue;
    if (length + section.length + gap.length + reserve > maxLength) {
      leftOut = true;
      continue;
    }
    taken.push(section);
    length += section.length + gap.length;
  }
  if (leftOut) taken.push(LEFT_OUT);
  return [...taken, last].join(gap);
}
