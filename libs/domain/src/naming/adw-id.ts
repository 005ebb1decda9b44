/** Lower-case letters and digits without the look-alikes 0/o and 1/l/i. */
const alphabet = "23456789abcdefghjkmnpqrstuvwxyz";

export const ADW_ID_LENGTH = 8;

/** The public id of a run from random bytes; more than eight may be needed, since biased bytes are dropped. */
export function adwIdFrom(bytes: Uint8Array): string | undefined {
  const limit = 256 - (256 % alphabet.length);
  const letters = [...bytes]
    .filter((byte) => byte < limit)
    .map((byte) => alphabet.charAt(byte % alphabet.length));
  return letters.length < ADW_ID_LENGTH
    ? undefined
    : letters.slice(0, ADW_ID_LENGTH).join("");
}

const adwId = new RegExp(`^[${alphabet}]{${ADW_ID_LENGTH}}$`);

export function isAdwId(text: string): boolean {
  return adwId.test(text);
}
