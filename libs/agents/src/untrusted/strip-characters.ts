import type { FindingKind, Stripped } from "./finding.js";

/** Characters that a reader does not see, by what they are good for in an attack. Each is one pass. */
const invisible: readonly (readonly [FindingKind, RegExp])[] = [
  // Terminal sequences whole, so that no "[31m" is left of them; then what is left of the control characters.
  [
    "control_characters",
    /\x1B(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\x07\x1B\n]{0,512}(?:\x07|\x1B\\)?)|[\0-\x08\x0B-\x1F\x7F-\x9F\uFFF9-\uFFFB]/g,
  ],
  ["tag_characters", /[\u{E0000}-\u{E007F}\u{E0100}-\u{E01EF}]/gu],
  ["bidi", /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/g],
  [
    "zero_width",
    /[\u00AD\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180E\u200B\u200C\u2060-\u2065\u206A-\u206F\u3164\uFE00-\uFE0E\uFEFF\uFFA0]/g,
  ],
];

/** Joiners and the emoji selector stand in honest emoji: taken out, but no finding. */
const harmless = /[\u200D\uFE0F]/g;

/** Takes out all that cannot be seen; line ends become `\n`, half surrogate pairs the replacement character. */
export function stripCharacters(
  text: string,
  found: (kind: FindingKind, count: number) => void,
): string {
  let clean = text
    .replace(/\r\n?|[\u2028\u2029]/g, "\n")
    .replace(/\p{Surrogate}/gu, "\uFFFD");
  for (const [kind, pattern] of invisible) {
    const stripped = strip(clean, pattern);
    if (stripped.count > 0) found(kind, stripped.count);
    clean = stripped.text;
  }
  return clean.replace(harmless, "");
}

const words = /[\p{L}\p{M}]{2,64}/gu;

/** Words such as "аdmin" with a Cyrillic а. They may be honest, so they are counted and left alone. */
export function countMixedScripts(text: string): number {
  let count = 0;
  for (const [word] of text.matchAll(words)) {
    if (
      /\p{Script=Latin}/u.test(word) &&
      /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u.test(
        word,
      )
    ) {
      count += 1;
    }
  }
  return count;
}

function strip(text: string, pattern: RegExp): Stripped {
  let count = 0;
  const stripped = text.replace(pattern, () => {
    count += 1;
    return "";
  });
  return { text: stripped, count };
}
