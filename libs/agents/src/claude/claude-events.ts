import type { AgentEvent } from "@pullwright/contracts";
import type { JsonView } from "../stream/json-view.js";
import { storableText, storableValue } from "../stream/storable.js";
import { claudeToolKind } from "./claude-tools.js";

export function startedEvent(init: JsonView): AgentEvent {
  const version = init.text("claude_code_version");
  const session = init.text("session_id");
  const model = init.text("model");
  return {
    type: "started",
    agent: "claude",
    tools: init.texts("tools").slice(0, 200),
    ...(version !== undefined && { agent_version: version }),
    ...(session !== undefined && { session_id: session }),
    ...(model !== undefined && { model }),
  };
}

export function retryEvent(retry: JsonView): AgentEvent {
  const status = retry.number("error_status");
  const message = retry.text("error");
  return {
    type: "retry",
    attempt: retry.count("attempt"),
    max: retry.count("max_retries"),
    delay_ms: Math.max(0, Math.round(retry.number("retry_delay_ms") ?? 0)),
    http_status:
      status !== undefined && Number.isInteger(status) ? status : null,
    ...(message !== undefined && { message: storableText(message, 1000) }),
  };
}

/** One content block of an assistant's message; blocks of kinds we do not know say nothing. */
export function blockEvents(
  block: JsonView,
  messageId: string | undefined,
  parent: string | undefined,
): AgentEvent[] {
  const belongs = parent === undefined ? {} : { parent_call_id: parent };
  switch (block.text("type")) {
    case "text":
      return [
        {
          type: "text",
          text: storableText(block.text("text") ?? ""),
          ...(messageId !== undefined && { message_id: messageId }),
          ...belongs,
        },
      ];
    case "thinking":
      return [
        { type: "reasoning", text: storableText(block.text("thinking") ?? "") },
      ];
    case "tool_use": {
      const name = block.text("name") ?? "unknown";
      return [
        {
          type: "tool_started",
          call_id: block.text("id") ?? "",
          name,
          kind: claudeToolKind(name),
          input: storableValue(block.get("input")),
          ...belongs,
        },
      ];
    }
    default:
      return [];
  }
}

/** The results in a `user` event; `denied` holds the calls that were refused. */
export function toolResultEvents(
  event: JsonView,
  denied: ReadonlySet<string>,
): AgentEvent[] {
  const refused = new Set([...denied, ...refusedCalls(event)]);
  return event
    .view("message")
    .views("content")
    .filter((block) => block.text("type") === "tool_result")
    .map((block) => {
      const callId = block.text("tool_use_id") ?? "";
      const output = toolOutput(block);
      const failed = block.is("is_error");
      const exitCode = failed
        ? /^Exit code (\d{1,3})\b/.exec(output)?.[1]
        : undefined;
      return {
        type: "tool_finished",
        call_id: callId,
        status: refused.has(callId) ? "denied" : failed ? "error" : "ok",
        output: storableText(output),
        ...(exitCode !== undefined && { exit_code: Number(exitCode) }),
      };
    });
}

function refusedCalls(event: JsonView): string[] {
  return event
    .views("tool_result_meta")
    .filter(
      (meta) => meta.view("permission_decision").text("decision") === "reject",
    )
    .map((meta) => meta.text("id") ?? "");
}

function toolOutput(block: JsonView): string {
  return (
    block.text("content") ??
    block
      .views("content")
      .map((part) => part.text("text") ?? "")
      .join("\n")
  );
}
