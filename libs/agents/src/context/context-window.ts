/** How much of a model's window a prompt may take. All in tokens. */
export interface ContextWindow {
  /** Null for the agent's own default. */
  readonly model: string | null;
  readonly window: number;
  /** Kept for the agent's own work: what it reads, thinks and answers. */
  readonly margin: number;
  /** Kept for what the CLI says to its model besides our prompt: its instructions and its tools. */
  readonly overhead: number;
  /** What is left for our prompt. */
  readonly limit: number;
}

/**
 * The windows of known models, the first match counts; what a CLI uses is taken where it is less than what the provider
 * offers. As the providers' pages and the CLIs' catalogues had them in August 2026:
 * platform.claude.com/docs/en/about-claude/models/overview, developers.openai.com/api/docs/models,
 * github.com/openai/codex (its model catalogue), ai.google.dev/gemini-api/docs/models.
 */
const windows: readonly (readonly [RegExp, number])[] = [
  [/\[1m\]$/, 1_000_000],
  [/^(?:claude-|opus|sonnet|haiku)/, 200_000],
  [/codex-spark/, 128_000],
  [/^gpt-5|codex/, 272_000],
  [/^gpt-4\.1/, 1_047_576],
  [/^gpt-4o/, 128_000],
  [/^o[134]\b/, 200_000],
  [/^gemini-/, 1_048_576],
];

/** For models that nobody here knows; smaller ones need a setting. */
const UNKNOWN = 128_000;

const MARGIN_SHARE = 0.25;
/** Claude Code and Codex send up to some 20,000 tokens of their own before the first prompt; a small window gives a quarter. */
const OVERHEAD = 30_000;
const OVERHEAD_SHARE = 0.25;

/** Windows by the name of the model, `*` for all that are not known otherwise; they go before the table. */
export type WindowSettings = ReadonlyMap<string, number>;

/** The window of a model, or of an agent's default one. */
export function contextWindow(
  agent: string,
  model: string | null,
  set: WindowSettings = new Map(),
): ContextWindow {
  const name = (model ?? agent).toLowerCase();
  const window =
    set.get(name) ??
    windows.find(([pattern]) => pattern.test(ofAgent(name)))?.[1] ??
    set.get("*") ??
    UNKNOWN;
  const margin = Math.ceil(window * MARGIN_SHARE);
  const overhead = Math.min(OVERHEAD, Math.ceil(window * OVERHEAD_SHARE));
  return { model, window, margin, overhead, limit: window - margin - overhead };
}

/** A name as its own provider has it: routers put theirs before it. */
function ofAgent(name: string): string {
  return name === "claude" ? "claude-" : name.replace(/^.*\//, "");
}
