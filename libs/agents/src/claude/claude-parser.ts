import type {
  AgentError,
  AgentEvent,
  AgentFinished,
  AgentUsage,
} from "@pullwright/contracts";
import type { AgentExit, AgentParser, ParserOptions } from "../agent.js";
import { errorClass } from "../outcome/error-class.js";
import { judge } from "../outcome/judge.js";
import { moment } from "../outcome/resume-at.js";
import { stderrError } from "../outcome/stderr-error.js";
import { JsonView } from "../stream/json-view.js";
import { rawEvent } from "../stream/raw-event.js";
import { storableText } from "../stream/storable.js";
import { addUsage, noUsage } from "../stream/usage.js";
import {
  blockEvents,
  retryEvent,
  startedEvent,
  toolResultEvents,
} from "./claude-events.js";
import { claimOfResult } from "./claude-result.js";
import { messageUsage, resultUsage } from "./claude-usage.js";

/** Reads `--output-format stream-json`. */
export class ClaudeParser implements AgentParser {
  private readonly usageByMessage = new Map<string, AgentUsage>();
  private readonly deniedCalls = new Map<string, string>();
  private sessionId: string | undefined;
  private result: JsonView | undefined;
  private lastError: AgentError | undefined;
  private lastErrorName: string | undefined;
  private resumeAt: string | undefined;

  constructor(private readonly options: ParserOptions = {}) {}

  line(stream: "stdout" | "stderr", text: string): AgentEvent[] {
    const event = stream === "stdout" ? JsonView.ofLine(text) : null;
    const known = event === null ? null : this.read(event);
    if (known !== null) return known;
    return text.trim() === "" ? [] : [rawEvent(stream, text)];
  }

  get isOver(): boolean {
    return this.result !== undefined;
  }

  end(exit: AgentExit): AgentFinished {
    if (this.result === undefined) return this.endWithoutResult(exit);
    const claim = claimOfResult(this.result, this.lastErrorName, this.now());
    const resumeAt = claim.error?.resume_at ?? this.resumeAt;
    const error = claim.error && {
      ...claim.error,
      ...(resumeAt !== undefined && { resume_at: resumeAt }),
    };
    return judge({ ...claim, ...(error && { error }) }, exit);
  }

  /** The events of a line we know, or null for one we do not. */
  private read(event: JsonView): AgentEvent[] | null {
    this.sessionId ??= event.text("session_id");
    switch (event.text("type")) {
      case "system":
        return this.readSystem(event);
      case "assistant":
        return this.readAssistant(event);
      case "user":
        return toolResultEvents(event, new Set(this.deniedCalls.keys()));
      case "rate_limit_event":
        return this.readRateLimit(event.view("rate_limit_info"));
      case "result":
        this.result = event;
        return [{ type: "usage", scope: "run", usage: resultUsage(event) }];
      default:
        return null;
    }
  }

  private readSystem(event: JsonView): AgentEvent[] | null {
    switch (event.text("subtype")) {
      case "init":
        return [startedEvent(event)];
      case "api_retry": {
        const name = event.text("error");
        const httpStatus = event.number("error_status");
        const message = `${name ?? "error"}${httpStatus === undefined ? "" : ` (HTTP ${httpStatus})`}`;
        this.noteError(name, httpStatus, message);
        return [retryEvent(event)];
      }
      case "permission_denied": {
        const callId = event.text("tool_use_id") ?? "";
        const name = event.text("tool_name") ?? "unknown";
        this.deniedCalls.set(callId, name);
        return [
          { type: "permission", call_id: callId, name, decision: "denied" },
        ];
      }
      default:
        return null;
    }
  }

  /** One event comes per content block, repeating the message's id and usage: the usage counts once. */
  private readAssistant(event: JsonView): AgentEvent[] {
    const message = event.view("message");
    const id = message.text("id");
    const parent = event.text("parent_tool_use_id");
    const events = message
      .views("content")
      .flatMap((block) => blockEvents(block, id, parent));
    const name = event.text("error");
    if (name !== undefined) {
      const words = message
        .views("content")
        .map((block) => block.text("text") ?? "")
        .join(" ");
      this.noteError(name, event.number("api_error_status"), words);
    } else {
      // The model answers again: what came before was overcome.
      this.lastError = undefined;
    }
    const usage = messageUsage(message.view("usage"));
    if (id === undefined || this.usageByMessage.has(id)) return events;
    if (
      usage.input_tokens +
        usage.output_tokens +
        usage.cache_read_tokens +
        usage.cache_write_tokens ===
      0
    )
      return events;
    this.usageByMessage.set(id, usage);
    const model = message.text("model");
    return [
      ...events,
      {
        type: "usage",
        scope: "step",
        message_id: id,
        usage,
        ...(model !== undefined && { model }),
      },
    ];
  }

  private readRateLimit(info: JsonView): AgentEvent[] | null {
    const resetsAt = info.number("resetsAt");
    if (info.text("status") !== "rejected" || resetsAt === undefined)
      return null;
    this.resumeAt = moment(resetsAt * 1000, this.now());
    return [
      { type: "warning", message: "The provider's usage limit is reached." },
    ];
  }

  private noteError(
    name: string | undefined,
    httpStatus: number | undefined,
    message: string,
  ): void {
    this.lastErrorName = name;
    this.lastError = {
      class: errorClass({ httpStatus, name, message }),
      http_status:
        httpStatus !== undefined && Number.isInteger(httpStatus)
          ? httpStatus
          : null,
      message: storableText(message, 1000),
    };
  }

  /** Killed, or never really started: then stderr is the only witness. */
  private endWithoutResult(exit: AgentExit): AgentFinished {
    const error = this.lastError ?? stderrError(exit.stderrTail);
    // Start values of the output tokens: a lower bound, and better than nothing.
    const usage =
      this.usageByMessage.size === 0
        ? null
        : [...this.usageByMessage.values()].reduce(addUsage, noUsage);
    return judge(
      {
        said: "silent",
        denials: [...this.deniedCalls.values()].map((name) => ({ name })),
        usage,
        ...(error && { error }),
        ...(this.sessionId !== undefined && { session_id: this.sessionId }),
      },
      exit,
    );
  }

  private now(): Date {
    return this.options.now?.() ?? new Date();
  }
}
