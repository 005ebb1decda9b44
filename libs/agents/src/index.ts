export * from "./agent.js";
export { agentAnswer, type AgentAnswer } from "./answer/agent-answer.js";
export {
  OUTPUT_FILE_LIMIT_BYTES,
  readOutputFile,
  type OutputFile,
} from "./answer/output-file.js";
export { parseClassification } from "./answer/parse-classification.js";
export type { ClaudeSettings } from "./claude/claude-settings.js";
export type { CodexSettings } from "./codex/codex-settings.js";
export type { CommandSettings } from "./command/command-settings.js";
export {
  contextWindow,
  type ContextWindow,
  type WindowSettings,
} from "./context/context-window.js";
export { estimateTokens } from "./context/estimate-tokens.js";
export {
  budgetInWords,
  fitPrompt,
  tooLargeInWords,
  type FittedPrompt,
  type PromptBudget,
} from "./context/fit-prompt.js";
export * from "./create-agents.js";
export {
  AgentSettingsError,
  type AgentBinary,
  type AgentHost,
} from "./launch/agent-settings.js";
export { AgentRequestError } from "./launch/safe-argument.js";
export { toAgentExit, type ProcessEnd } from "./outcome/agent-exit.js";
export { toDomainUsage } from "./outcome/domain-usage.js";
export * from "./outcome/phase-failure.js";
export type * from "./prompts/prompt-input.js";
export {
  promptOfPhase,
  renderPrompt,
  type RenderedPrompt,
} from "./prompts/render-prompt.js";
export { promptNames, type PromptName } from "./prompts/templates.js";
export type { AgentScript, ScriptStep } from "./scripted/script.js";
export {
  scriptedAgentPath,
  type ScriptedSettings,
} from "./scripted/scripted-adapter.js";
export type { Finding, FindingKind } from "./untrusted/finding.js";
export {
  normaliseTitle,
  normaliseUntrusted,
  type NormalisedText,
} from "./untrusted/normalise.js";
