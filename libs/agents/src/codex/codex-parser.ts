import type {
  AgentError,
  AgentEvent,
  AgentFinished,
  AgentUsage,
} from "@pullwright/contracts";
import type { AgentExit, AgentParser, ParserOptions } from "../agent.js";
import { errorClass, statusIn } from "../outcome/error-class.js";
import { judge, type Claim } from "../outcome/judge.js";
import { resumeAtIn } from "../outcome/resume-at.js";
import { stderrError } from "../outcome/stderr-error.js";
import { JsonView } from "../stream/json-view.js";
import { rawEvent } from "../stream/raw-event.js";
import { ANSWER_LIMIT, storableText } from "../stream/storable.js";
import { noUsage, subtractUsage } from "../stream/usage.js";
import { isToolItem, toolFinished, toolStarted } from "./codex-items.js";

/** Refusals of codex's own sandbox; they never reach the stream. */
const refusal = /patch rejected|rejected by user approval/;
const MAX_DENIALS = 100;

/** Reads `codex exec --json`. */
export class CodexParser implements AgentParser {
  private readonly openCalls = new Set<string>();
  private readonly denials: Claim["denials"] = [];
  private sessionId: string | undefined;
  private said: Claim["said"] = "silent";
  private turns = 0;
  private finalText: string | undefined;
  private threadUsage: AgentUsage | undefined;
  private lastError: AgentError | undefined;

  constructor(private readonly options: ParserOptions = {}) {}

  line(stream: "stdout" | "stderr", text: string): AgentEvent[] {
    if (stream === "stderr") return this.readStderr(text);
    const event = JsonView.ofLine(text);
    const known = event === null ? null : this.read(event);
    if (known !== null) return known;
    return text.trim() === "" ? [] : [rawEvent(stream, text)];
  }

  get isOver(): boolean {
    return this.said !== "silent";
  }

  end(exit: AgentExit): AgentFinished {
    const error = this.lastError ?? this.errorOnStderr(exit);
    return judge(
      {
        said: this.said,
        denials: this.denials,
        usage: this.runUsage(),
        turns: this.turns,
        ...(error && { error }),
        ...(this.finalText !== undefined && { text: this.finalText }),
        ...(this.sessionId !== undefined && { session_id: this.sessionId }),
      },
      exit,
    );
  }

  private read(event: JsonView): AgentEvent[] | null {
    switch (event.text("type")) {
      case "thread.started":
        this.sessionId = event.text("thread_id");
        return [
          {
            type: "started",
            agent: "codex",
            ...(this.sessionId !== undefined && { session_id: this.sessionId }),
          },
        ];
      case "turn.started":
        this.turns += 1;
        this.said = "silent";
        return [];
      case "item.started":
        return this.readItemStarted(event.view("item"));
      case "item.completed":
        return this.readItemCompleted(event.view("item"));
      case "error":
        return this.readError(event.text("message") ?? "");
      case "turn.completed":
        return this.readTurnCompleted(event.view("usage"));
      case "turn.failed":
        this.said = "failed";
        this.noteError(
          event.view("error").text("message") ??
            this.lastError?.message ??
            "The turn failed.",
        );
        return [];
      default:
        return null;
    }
  }

  private readItemStarted(item: JsonView): AgentEvent[] | null {
    if (!isToolItem(item)) return null;
    this.openCalls.add(item.text("id") ?? "");
    return [toolStarted(item)];
  }

  private readItemCompleted(item: JsonView): AgentEvent[] | null {
    if (isToolItem(item)) {
      const finished = toolFinished(item);
      if (finished.status === "denied")
        this.deny(item.text("command") ?? toolStarted(item).name);
      return this.openCalls.delete(finished.call_id)
        ? [finished]
        : [toolStarted(item), finished];
    }
    switch (item.text("type")) {
      case "agent_message":
        // The model answers: an earlier "Reconnecting…" was overcome.
        this.lastError = undefined;
        this.finalText = storableText(item.text("text") ?? "", ANSWER_LIMIT);
        return [{ type: "text", text: storableText(item.text("text") ?? "") }];
      case "reasoning":
        return [
          { type: "reasoning", text: storableText(item.text("text") ?? "") },
        ];
      case "error":
        // Such as "Model metadata not found": the turn goes on.
        return [
          {
            type: "warning",
            message: storableText(item.text("message") ?? "", 4000),
          },
        ];
      default:
        return null;
    }
  }

  private readError(message: string): AgentEvent[] {
    this.noteError(message);
    const retry = /^Reconnecting\.\.\. (\d{1,4})\/(\d{1,4})/.exec(message);
    if (retry === null)
      return [{ type: "warning", message: storableText(message, 4000) }];
    return [
      {
        type: "retry",
        attempt: Number(retry[1]),
        max: Number(retry[2]),
        http_status: statusIn(message) ?? null,
        message: storableText(message, 1000),
      },
    ];
  }

  /** The numbers count over the whole thread, earlier processes included, and its input includes the cached part. */
  private readTurnCompleted(usage: JsonView): AgentEvent[] {
    this.said = "succeeded";
    const cached = usage.count("cached_input_tokens");
    this.threadUsage = {
      input_tokens: Math.max(0, usage.count("input_tokens") - cached),
      output_tokens: usage.count("output_tokens"),
      cache_read_tokens: cached,
      cache_write_tokens: usage.count("cache_write_input_tokens"),
      cost_usd: null,
    };
    return [{ type: "usage", scope: "run", usage: this.runUsage() ?? noUsage }];
  }

  private runUsage(): AgentUsage | null {
    return this.threadUsage === undefined
      ? null
      : subtractUsage(this.threadUsage, this.options.previousUsage ?? noUsage);
  }

  private readStderr(text: string): AgentEvent[] {
    if (text.trim() === "") return [];
    if (!refusal.test(text.slice(0, 4096))) return [rawEvent("stderr", text)];
    this.deny("apply_patch");
    return [
      rawEvent("stderr", text),
      { type: "permission", name: "apply_patch", decision: "denied" },
    ];
  }

  private deny(name: string): void {
    if (this.denials.length < MAX_DENIALS)
      this.denials.push({ name: storableText(name, 200) });
  }

  private noteError(message: string): void {
    const resumeAt = resumeAtIn(message, this.options.now?.() ?? new Date());
    this.lastError = {
      class: errorClass({ message }),
      http_status: statusIn(message) ?? null,
      message: storableText(message, 4000),
      ...(resumeAt !== undefined && { resume_at: resumeAt }),
    };
  }

  /** A session it does not know, a bad flag: codex then says so on stderr alone, before any thread has started. */
  private errorOnStderr(exit: AgentExit): AgentError | undefined {
    return this.sessionId === undefined
      ? stderrError(exit.stderrTail)
      : undefined;
  }
}
