import type { Stripped } from "./finding.js";

const MARK = "[hidden comment removed]";

/**
 * Takes out HTML comments, one that never ends with all that follows, as a browser would hide it. A mark is left so that
 * the two sides cannot join to another comment. Also inside code blocks: better a gap in a sample than a way in.
 */
export function stripComments(text: string): Stripped {
  const parts: string[] = [];
  let from = 0;
  for (
    let start = text.indexOf("<!--");
    start !== -1;
    start = text.indexOf("<!--", from)
  ) {
    parts.push(text.slice(from, start));
    const end = text.indexOf("-->", start + 2);
    from = end === -1 ? text.length : end + 3;
  }
  const count = parts.length;
  return { text: [...parts, text.slice(from)].join(MARK), count };
}
