import type { AgentEvent } from "@pullwright/contracts";

type ToolKind = Extract<AgentEvent, { type: "tool_started" }>["kind"];

const kinds: Readonly<Record<string, ToolKind>> = {
  Read: "read",
  Edit: "edit",
  MultiEdit: "edit",
  NotebookEdit: "edit",
  Write: "edit",
  Bash: "execute",
  Glob: "search",
  Grep: "search",
  LS: "search",
  ToolSearch: "search",
  WebFetch: "fetch",
  WebSearch: "fetch",
};

export function claudeToolKind(name: string): ToolKind {
  return Object.hasOwn(kinds, name) ? (kinds[name] ?? "other") : "other";
}
