import { SECRET_PATTERNS } from "./secret-patterns.js";

/** The shortest secret that is looked for by value: a shorter one would be found everywhere. */
const MIN_KNOWN_LENGTH = 12;
/** How much of a known secret may be missing at either end for it to be found all the same. */
const CUT_OFF = 7;

/** The kinds of secrets in a text, without the secrets. `known` are values that must never leave, such as our own tokens. */
export function findSecrets(
  text: string,
  known: readonly string[] = [],
): string[] {
  const found = SECRET_PATTERNS.filter(({ pattern }) => pattern.test(text)).map(
    ({ name }) => name,
  );
  const forms = known
    .filter((secret) => secret.length >= MIN_KNOWN_LENGTH)
    .flatMap(disguises);
  if (forms.length > 0) {
    // Split over lines, string pieces or array elements, it is whole again without what joins the pieces.
    const joined = text.replaceAll(/[\s"'`+,;\\()[\]{}]+/g, "");
    if (forms.some((form) => text.includes(form) || joined.includes(form)))
      found.push("one of Pullwright's own credentials");
  }
  return [...new Set(found)];
}

/** The forms in which a secret is smuggled: plain, reversed, in hexadecimal or base64 at each alignment, each also cut off. */
function disguises(secret: string): string[] {
  const reversed = Array.from(secret).reverse().join("");
  return [secret, reversed].flatMap((value) => [
    ...ends(value, CUT_OFF),
    ...[0, 1, 2].flatMap((offset) => ends(base64Core(value, offset), CUT_OFF)),
    ...ends(Buffer.from(value).toString("hex"), 2 * CUT_OFF),
  ]);
}

function ends(value: string, cut: number): string[] {
  // The ends of a short secret alone would be found by chance.
  return value.length - cut < MIN_KNOWN_LENGTH
    ? [value]
    : [value.slice(cut), value.slice(0, -cut)];
}

/** The part of a value's base64 that does not depend on what stands around it, when it starts `offset` bytes into a group of three. */
function base64Core(value: string, offset: number): string {
  const encoded = Buffer.from("\0".repeat(offset) + value)
    .toString("base64")
    .replaceAll("=", "");
  const start = offset === 0 ? 0 : offset + 1;
  const tail = (offset + Buffer.byteLength(value)) % 3 === 0 ? 0 : 1;
  return encoded.slice(start, encoded.length - tail);
}
