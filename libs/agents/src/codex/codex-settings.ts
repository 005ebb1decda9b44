import type { AgentBinary } from "../launch/agent-settings.js";

export interface CodexSettings extends AgentBinary {
  readonly apiKey?: string;
  /** The provider's address, with its version: `https://api.openai.com/v1` unless told. */
  readonly baseUrl?: string;
  /** Used when neither the run nor the phase names one; the CLI's own choice otherwise. */
  readonly model?: string;
}
