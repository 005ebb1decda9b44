/**
 * Bytes that a token stands for at least, on the safe side: tokenizers make about four bytes of English and code a token, three of logs
 * full of numbers, and three (one sign) of Chinese or Japanese.
 */
export const BYTES_PER_TOKEN = 3;

/** How many tokens a text has at most, as far as one can tell without its model's tokenizer. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, "utf8") / BYTES_PER_TOKEN);
}
