import {
  AgentSettingsError,
  type AgentBinary,
} from "../launch/agent-settings.js";

export interface ClaudeSettings extends AgentBinary {
  readonly apiKey?: string;
  readonly baseUrl?: string;
  /** Used when neither the run nor the phase names one. */
  readonly model?: string;
  readonly maxTurns?: number;
  /**
   * Permission rules for tools that run without asking, such as `Bash(npm test:*)`. Default: any command inside
   * Pullwright's sandbox, a few test commands without it.
   */
  readonly allowedTools?: readonly string[];
}

/** Inside our sandbox the kernel draws the line; outside it a shell would be a way round every other rule. */
export function defaultAllowedTools(sandboxed: boolean): readonly string[] {
  return sandboxed
    ? ["Bash"]
    : ["Bash(npm test:*)", "Bash(npm run test:*)", "Bash(npm run lint:*)"];
}

const bareEditTool = /^(?:Write|Edit|MultiEdit|NotebookEdit)(?:\(\*{0,2}\))?$/;

/**
 * Refuses a bare `Write` or `Edit`: measured, it lets the CLI write outside the worktree, while `acceptEdits` alone
 * allows edits inside the current folder and nowhere else.
 */
export function assertAllowedTools(rules: readonly string[]): void {
  const bare = rules.filter((rule) => bareEditTool.test(rule.trim()));
  if (bare.length > 0) {
    throw new AgentSettingsError(
      `claude may not be given the bare rule ${bare.join(", ")}: it allows writing anywhere.`,
    );
  }
  const broken = rules.filter(
    (rule) => rule.includes(",") || rule.trim() === "",
  );
  if (broken.length > 0) {
    throw new AgentSettingsError(
      `claude's allowed tools must be one rule each: ${broken.join(" | ")}`,
    );
  }
}
