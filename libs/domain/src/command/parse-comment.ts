import type { Command, CommandMistake } from "./command.js";

/** Longest comment that GitHub accepts; what lies beyond cannot be a command's line anyway. */
const MAX_COMMENT_LENGTH = 65_536;
const MAX_LINE_LENGTH = 1_000;

/**
 * Reads the command of a comment.
 *
 * Only the first line that is not blank counts, and only when it begins with the command itself: so ordinary talk, a
 * quote (`> /adw`), an indented or fenced code block and an HTML comment are never commands.
 *
 * @returns null when the comment is no command.
 */
export function parseComment(body: string): Command | CommandMistake | null {
  const text = body.slice(0, MAX_COMMENT_LENGTH);
  const start = text.search(/\S/);
  if (start < 0 || text[start] !== "/") return null;
  const lineStart =
    Math.max(text.lastIndexOf("\n", start), text.lastIndexOf("\r", start)) + 1;
  if (lineStart !== start) return null;

  const lineEnd = text.slice(start).search(/[\r\n]/);
  const line = (
    lineEnd < 0 ? text.slice(start) : text.slice(start, start + lineEnd)
  ).trimEnd();
  if (line.length > MAX_LINE_LENGTH) return null;
  const below = lineEnd < 0 ? "" : text.slice(start + lineEnd).trim();
  const [head = "", ...words] = line.split(/[ \t]+/);
  const parse = parsers.get(head);
  return parse === undefined ? null : parse(words, below);
}

type Parser = (
  words: readonly string[],
  below: string,
) => Command | CommandMistake;

const joined = (words: readonly string[], below: string): string =>
  [words.join(" "), below].filter((part) => part !== "").join("\n");

const parsers: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ["/adw", parseAdw],
  ["/approve", () => ({ name: "approve" })],
  [
    "/reject",
    (words, below) => ({ name: "reject", why: joined(words, below) }),
  ],
  ["/retry", parseRetry],
  [
    "/cancel",
    (words, below) => ({ name: "cancel", reason: joined(words, below) }),
  ],
  ["/continue", parseContinue],
  ["/status", () => ({ name: "status" })],
]);

const namePattern = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const modelPattern = /^[A-Za-z0-9][A-Za-z0-9_.:/@-]{0,127}$/;

function parseAdw(words: readonly string[]): Command | CommandMistake {
  let workflow: string | null = null;
  const options: Record<string, string> = {};
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? "";
    if (!word.startsWith("--")) {
      if (workflow !== null || !namePattern.test(word))
        return { mistake: usage };
      workflow = word;
      continue;
    }
    const [name = "", inline] = word.slice(2).split("=", 2);
    const value = inline ?? words[(index += 1)];
    if (!["agent", "model", "budget"].includes(name))
      return { mistake: `There is no option --${clip(name)}. ${usage}` };
    if (value === undefined || value === "")
      return { mistake: `--${name} wants a value. ${usage}` };
    options[name] = value;
  }
  const { agent = null, model = null, budget } = options;
  if (agent !== null && !namePattern.test(agent))
    return { mistake: "--agent wants an agent's name, such as `claude`." };
  if (model !== null && !modelPattern.test(model))
    return { mistake: "--model wants a model's name." };
  const budgetUsd = budget === undefined ? null : parseUsd(budget);
  if (budgetUsd !== null && Number.isNaN(budgetUsd))
    return { mistake: "--budget wants US dollars, such as `--budget 5`." };
  return { name: "adw", workflow, agent, model, budgetUsd };
}

const usage =
  "Write `/adw [workflow] [--agent name] [--model name] [--budget dollars]`.";

function parseRetry(
  words: readonly string[],
  below: string,
): Command | CommandMistake {
  const [first] = words;
  const isPhase = first !== undefined && phaseNames.has(first);
  const isLone = first !== undefined && words.length === 1;
  // Rather a misspelt phase than a note, and the whole run again costs what all its phases cost.
  if (isLone && !isPhase && namePattern.test(first))
    return {
      mistake: `There is no phase ${clip(first)}; there are ${[...phaseNames].join(", ")}. Write \`/retry build\` to try again from there, or \`/retry\` for the whole run; a note for the agent has more than one word.`,
    };
  return {
    name: "retry",
    phase: isPhase ? first : null,
    note: joined(isPhase ? words.slice(1) : words, below),
  };
}

const phaseNames: ReadonlySet<string> = new Set([
  "classify",
  "plan",
  "build",
  "test",
  "review",
  "document",
  "publish",
]);

function parseContinue(words: readonly string[]): Command | CommandMistake {
  const [amount = "+0", ...rest] = words;
  const addUsd = amount.startsWith("+") ? parseUsd(amount.slice(1)) : NaN;
  if (rest.length > 0 || Number.isNaN(addUsd)) {
    return {
      mistake: "Write `/continue`, or `/continue +5` to add five US dollars.",
    };
  }
  return { name: "continue", addUsd };
}

function parseUsd(text: string): number {
  return /^\$?\d{1,6}(?:\.\d{1,4})?$/.test(text)
    ? Number(text.replace("$", ""))
    : NaN;
}

function clip(text: string): string {
  return text.slice(0, 20).replace(/[^A-Za-z0-9_-]/g, "?");
}
