import type { AgentEvent } from "@pullwright/contracts";
import type { JsonView } from "../stream/json-view.js";
import { storableText, storableValue } from "../stream/storable.js";

type ToolStarted = Extract<AgentEvent, { type: "tool_started" }>;
type ToolFinished = Extract<AgentEvent, { type: "tool_finished" }>;

/** Items that are the use of a tool: what it is called, of what kind it is, and the fields that are its input. */
const tools: Readonly<
  Record<
    string,
    { name: string; kind: ToolStarted["kind"]; input: readonly string[] }
  >
> = {
  command_execution: {
    name: "exec_command",
    kind: "execute",
    input: ["command"],
  },
  file_change: { name: "apply_patch", kind: "edit", input: ["changes"] },
  mcp_tool_call: {
    name: "mcp",
    kind: "other",
    input: ["server", "tool", "arguments"],
  },
  web_search: { name: "web_search", kind: "fetch", input: ["query"] },
};

export function isToolItem(item: JsonView): boolean {
  return Object.hasOwn(tools, item.text("type") ?? "");
}

export function toolStarted(item: JsonView): ToolStarted {
  const tool = tools[item.text("type") ?? ""] ?? {
    name: "unknown",
    kind: "other" as const,
    input: [],
  };
  return {
    type: "tool_started",
    call_id: item.text("id") ?? "",
    name: tool.name,
    kind: tool.kind,
    input: storableValue(
      Object.fromEntries(tool.input.map((key) => [key, item.get(key)])),
    ),
  };
}

export function toolFinished(item: JsonView): ToolFinished {
  const exitCode = item.number("exit_code");
  const output = item.text("aggregated_output");
  const changes = item.views("changes").slice(0, 100).flatMap(fileChange);
  return {
    type: "tool_finished",
    call_id: item.text("id") ?? "",
    status: statusOf(item, exitCode),
    ...(output !== undefined && { output: storableText(output) }),
    ...(exitCode !== undefined &&
      Number.isInteger(exitCode) && { exit_code: exitCode }),
    ...(changes.length > 0 && { changes }),
  };
}

function statusOf(
  item: JsonView,
  exitCode: number | undefined,
): ToolFinished["status"] {
  const status = item.text("status");
  if (status === "declined") return "denied";
  return status === "failed" || (exitCode !== undefined && exitCode !== 0)
    ? "error"
    : "ok";
}

function fileChange(change: JsonView): NonNullable<ToolFinished["changes"]> {
  const path = change.text("path");
  const kind = change.text("kind");
  if (
    path === undefined ||
    (kind !== "add" && kind !== "update" && kind !== "delete")
  )
    return [];
  return [{ path: storableText(path, 4096), kind }];
}
