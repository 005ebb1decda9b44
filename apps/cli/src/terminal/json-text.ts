/**
 * JSON that harms no terminal: `JSON.stringify` escapes the first 32 characters, but neither the second set of control
 * characters nor the marks that reorder text.
 */
export function jsonText(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(
    /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
