import { issueClasses, type IssueClass } from "@pullwright/domain";
import { JsonView } from "../stream/json-view.js";

const READ_AT_MOST = 8192;
const words = /\b(?:feature|bug|chore)\b/gi;

/**
 * The class in an agent's answer: a JSON object with a `classification`, else its last line if that is one word,
 * else the only class it names. Undefined where it names several or none: a guess would be ours, not the agent's.
 */
export function parseClassification(text: string): IssueClass | undefined {
  const read = text.slice(-READ_AT_MOST);
  return inJson(read) ?? inLastLine(read) ?? onlyOneNamed(read);
}

/** Answers come bare, in a code block or after a sentence: the outermost braces are tried. */
function inJson(text: string): IssueClass | undefined {
  const start = text.indexOf("{");
  const end = text.lastIndexOf("}");
  if (start === -1 || end < start) return undefined;
  const view = JsonView.ofLine(text.slice(start, end + 1));
  return view === null
    ? undefined
    : toClass(view.text("classification") ?? view.text("class") ?? "");
}

function inLastLine(text: string): IssueClass | undefined {
  const last = text.trimEnd().split("\n").at(-1) ?? "";
  return toClass(last.replace(/[*_`"'./#:\s]/g, ""));
}

function onlyOneNamed(text: string): IssueClass | undefined {
  const named = new Set(
    Array.from(text.matchAll(words), ([word]) => word.toLowerCase()),
  );
  const [only] = named;
  return named.size === 1 && only !== undefined ? toClass(only) : undefined;
}

function toClass(word: string): IssueClass | undefined {
  return issueClasses.find((name) => name === word.trim().toLowerCase());
}
