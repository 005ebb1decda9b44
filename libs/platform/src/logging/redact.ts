const REDACTED = "[redacted]";

/** Shorter values would blacken ordinary words. */
const MIN_SECRET_LENGTH = 6;

/** Token shapes worth hiding even when nobody told us the value. Every repetition is bounded: linear in the text. */
const tokenShapes =
  /\b(?:gh[oprsu]_|github_pat_|sk-ant-|sk-proj-)[\w-]{16,255}/g;
const urlPasswords = /(:\/\/[^\s/:@]{0,100}:)[^\s/@]{1,200}(?=@)/g;

/** Replaces known secrets and what looks like a token or a password in an address. Takes linear time. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= MIN_SECRET_LENGTH)
      clean = clean.replaceAll(secret, REDACTED);
  }
  return clean
    .replace(urlPasswords, `$1${REDACTED}`)
    .replace(tokenShapes, REDACTED);
}

/** Whether a field of this name holds a secret, whatever its value. `input_tokens` does not. */
export function isSecretName(name: string): boolean {
  return /(?:password|passwd|secret|token|api_?key|authorization|cookie|private_?key)$/i.test(
    name.slice(-40).replaceAll("-", "_"),
  );
}

/**
 * Makes text one plain line: control characters (terminal escapes among them) and the marks that reorder text
 * become visible escapes.
 */
export function neutralise(text: string): string {
  return text.replace(
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    visible,
  );
}

function visible(character: string): string {
  if (character === "\n") return "\\n";
  if (character === "\t") return " ";
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
