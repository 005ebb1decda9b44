const MAX_SLUG_LENGTH = 40;

/** A title as a safe part of a branch or file name: `[a-z0-9-]`, at most 40 letters, never empty. */
export function slugOf(title: string): string {
  const words = title
    .slice(0, 500)
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  const cut =
    words.length <= MAX_SLUG_LENGTH
      ? words
      : words.slice(0, MAX_SLUG_LENGTH).replace(/-[^-]*$/, "");
  return cut === "" ? "work" : cut;
}
