import { setImmediate } from "node:timers/promises";

import { LONGEST_MATCH, SECRET_PATTERNS } from "./secret-patterns.js";

/** The shortest secret that is looked for by value: a shorter one would be found everywhere. */
const MIN_KNOWN_LENGTH = 12;
/** How much of a known secret may be missing at either end for it to be found all the same. */
const CUT_OFF = 7;

/** With a dozen known secrets a MiB takes 100 ms, and a piece 7 ms. */
export const PIECE = 64 * 1024;
const OURS = "one of Pullwright's own credentials";

/** The kinds of secrets in a text, without the secrets. `known` are values that must never leave, such as our own tokens. */
export function findSecrets(
  text: string,
  known: readonly string[] = [],
): string[] {
  const forms = formsOf(known);
  const isOurs =
    forms.length > 0 &&
    (holdsOne(forms, text) || holdsOne(forms, unsplit(text)));
  return [...new Set([...shapesIn(text), ...(isOurs ? [OURS] : [])])];
}

/** The same for text of any length: after each piece others have their turn, heartbeats among them. */
export async function findSecretsByPieces(
  text: string,
  known: readonly string[] = [],
): Promise<string[]> {
  const forms = formsOf(known);
  // A piece reaches into the next one as far as whatever begins in it may go.
  const reach = Math.max(LONGEST_MATCH, ...forms.map((form) => form.length));
  const found = new Set<string>();
  const look = async (whole: string, see: (piece: string) => string[]) => {
    for (let at = 0; at < whole.length; at += PIECE) {
      for (const name of see(whole.slice(at, at + PIECE + reach)))
        found.add(name);
      await setImmediate();
    }
  };
  const ours = (piece: string) => (holdsOne(forms, piece) ? [OURS] : []);
  const joined: string[] = [];
  await look(text, (piece) => {
    if (forms.length > 0) joined.push(unsplit(piece.slice(0, PIECE)));
    return [...shapesIn(piece), ...ours(piece)];
  });
  await look(joined.join(""), ours);
  return [...found];
}

const shapesIn = (text: string): string[] =>
  SECRET_PATTERNS.filter(({ pattern }) => pattern.test(text)).map(
    ({ name }) => name,
  );

const formsOf = (known: readonly string[]): string[] =>
  known
    .filter((secret) => secret.length >= MIN_KNOWN_LENGTH)
    .flatMap(disguises);

const holdsOne = (forms: readonly string[], text: string): boolean =>
  forms.some((form) => text.includes(form));

/** What was split over lines, string pieces or array elements is whole again without what joins the pieces. */
const unsplit = (text: string): string =>
  text.replaceAll(/[\s"'`+,;\\()[\]{}]+/g, "");

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
