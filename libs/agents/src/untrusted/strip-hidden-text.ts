import type { Stripped } from "./finding.js";
import { ForwardFinder } from "./forward-finder.js";

/** Takes out what Markdown carries and a page does not show: alternative texts, titles, attributes, definitions. */
export function stripHiddenText(text: string): Stripped {
  let count = 0;
  let stripped = text;
  for (const pass of [
    stripDefinitions,
    stripImageTexts,
    stripLinkTitles,
    stripAttributes,
  ]) {
    const result = pass(stripped);
    stripped = result.text;
    count += result.count;
  }
  return { text: stripped, count };
}

const blankLine = () => /\n[ \t]{0,9}\n/g;

/** `![this](…)` and `![this][…]`, within one paragraph. */
function stripImageTexts(text: string): Stripped {
  const closing = new ForwardFinder(text, /\][([]/g);
  const paragraphEnd = new ForwardFinder(text, blankLine());
  const parts: string[] = [];
  let count = 0;
  let kept = 0;
  let from = 0;
  for (
    let start = text.indexOf("![");
    start !== -1;
    start = text.indexOf("![", from)
  ) {
    const end = closing.next(start + 2);
    if (end === -1) break;
    const blank = paragraphEnd.next(start);
    from = start + 2;
    if (blank !== -1 && blank < end) continue;
    if (end > start + 2) {
      parts.push(text.slice(kept, start + 2));
      kept = end;
      count += 1;
    }
    from = end;
  }
  return { text: parts.join("") + text.slice(kept), count };
}

/** `[text](address "this")`, with any of Markdown's three kinds of quotes. */
function stripLinkTitles(text: string): Stripped {
  const addressEnd = new ForwardFinder(text, /[\s)]/g);
  const nonBlank = new ForwardFinder(text, /\S/g);
  const paragraphEnd = new ForwardFinder(text, blankLine());
  const quotes = new Map([
    ['"', new ForwardFinder(text, /"/g)],
    ["'", new ForwardFinder(text, /'/g)],
    ["(", new ForwardFinder(text, /\)/g)],
  ]);
  const parts: string[] = [];
  let count = 0;
  let kept = 0;
  let from = 0;
  for (
    let start = text.indexOf("](");
    start !== -1;
    start = text.indexOf("](", from)
  ) {
    from = start + 2;
    const address = nonBlank.next(from);
    const blank = address === -1 ? -1 : addressEnd.next(address);
    if (blank === -1) break;
    if (text[blank] === ")") continue;
    const open = nonBlank.next(blank);
    const quote = quotes.get(text[open] ?? "");
    const close = quote === undefined ? -1 : quote.next(open + 1);
    const end = paragraphEnd.next(blank);
    if (close === -1 || (end !== -1 && end < close)) continue;
    parts.push(text.slice(kept, blank));
    kept = close + 1;
    from = kept;
    count += 1;
  }
  return { text: parts.join("") + text.slice(kept), count };
}

const definition =
  /^( {0,3}\[([^\]\n]{1,200})\]:[ \t]{0,9}(\S{1,2000}))([^\n]{0,4000})(\n[ \t]{0,9}["'(][^\n]{0,2000})?$/gm;

/** `[label]: address "this"`, and the whole line where it is the well-known way to hide a comment, `[//]: # (this)`. */
function stripDefinitions(text: string): Stripped {
  let count = 0;
  const stripped = text.replace(
    definition,
    (
      line: string,
      kept: string,
      label: string,
      address: string,
      rest: string,
      next: string | undefined,
    ) => {
      if (label.startsWith("^")) return line; // a footnote, which is shown
      const hides = label === "//" || address === "#" || address === "<>";
      if (!hides && rest.trim() === "" && next === undefined) return line;
      count += 1;
      return hides ? "" : kept;
    },
  );
  return { text: stripped, count };
}

const element = /<([a-z][a-z0-9-]{0,40})\b([^<>]{0,4000})>/gi;
const hiding =
  /\b(?:alt|title|style|hidden|aria-[a-z]{1,40}|data-[a-z-]{1,40})\s{0,9}=/i;
const address =
  /\b(?:src|href)\s{0,9}=\s{0,9}(?:"[^"<>]{0,2000}"|'[^'<>]{0,2000}'|[^\s"'<>]{1,2000})/i;

/** The attributes of HTML elements that carry text; addresses stay. `Map<string, number>` is none. */
function stripAttributes(text: string): Stripped {
  let count = 0;
  const stripped = text.replace(
    element,
    (whole: string, name: string, attributes: string) => {
      if (!hiding.test(attributes)) return whole;
      count += 1;
      const kept = address.exec(attributes)?.[0];
      return kept === undefined ? `<${name}>` : `<${name} ${kept}>`;
    },
  );
  return { text: stripped, count };
}
