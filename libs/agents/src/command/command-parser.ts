import type {
  AgentEvent,
  AgentFinished,
  AgentUsage,
} from "@pullwright/contracts";
import type { AgentExit, AgentParser } from "../agent.js";
import { judge, type Claim } from "../outcome/judge.js";
import { rawEvent } from "../stream/raw-event.js";
import { ANSWER_LIMIT, storableText } from "../stream/storable.js";
import { addUsage } from "../stream/usage.js";
import { readEventLine } from "./event-line.js";
import { storableEvent } from "./storable-event.js";

/** Reads the agent protocol: event lines among lines of log. */
export class CommandParser implements AgentParser {
  /** Only its exit tells: whoever says `finished` may go on, and spend. */
  readonly isOver = false;
  private readonly log = new CappedLines();
  private readonly texts = new CappedLines();
  private finished: AgentFinished | undefined;
  private sessionId: string | undefined;
  private usage: AgentUsage | null = null;

  line(stream: "stdout" | "stderr", text: string): AgentEvent[] {
    if (stream === "stderr")
      return text.trim() === "" ? [] : [rawEvent(stream, text)];
    const read = readEventLine(text);
    if (read === null) {
      this.log.add(text);
      return text.trim() === "" ? [] : [rawEvent(stream, text)];
    }
    const warnings: AgentEvent[] =
      read.dropped.length === 0
        ? []
        : [droppedFields(read.event, read.dropped)];
    const event = storableEvent(read.event);
    this.note(event);
    // Held back: a run has one `finished`, and the exit may yet speak against it.
    return event.type === "finished" ? warnings : [event, ...warnings];
  }

  end(exit: AgentExit): AgentFinished {
    return judge(
      this.finished === undefined
        ? this.claimOfExit(exit)
        : this.claimOf(this.finished),
      exit,
    );
  }

  private note(event: AgentEvent): void {
    // A failure that was reported stands, whatever is said after it.
    if (event.type === "finished" && this.finished?.outcome !== "failed")
      this.finished = event;
    if (event.type === "text") this.texts.add(event.text);
    if (event.type === "started")
      this.sessionId = event.session_id ?? this.sessionId;
    if (event.type === "usage") {
      this.usage =
        event.scope === "run" || this.usage === null
          ? event.usage
          : addUsage(this.usage, event.usage);
    }
  }

  private claimOf(finished: AgentFinished): Claim {
    const text = finished.text ?? this.text();
    const session = finished.session_id ?? this.sessionId;
    return {
      said: finished.outcome,
      denials: finished.denials,
      usage: finished.usage ?? this.usage,
      ...(finished.stop !== undefined && { stop: finished.stop }),
      ...(finished.error !== undefined && { error: finished.error }),
      ...(finished.structured !== undefined && {
        structured: finished.structured,
      }),
      ...(finished.turns !== undefined && { turns: finished.turns }),
      ...(text !== undefined && { text }),
      ...(session !== undefined && { session_id: session }),
    };
  }

  /** Without a `finished`, exit code 0 is the success. */
  private claimOfExit(exit: AgentExit): Claim {
    const text = this.text();
    return {
      said: exit.exitCode === 0 ? "succeeded" : "silent",
      denials: [],
      usage: this.usage,
      ...(text !== undefined && { text }),
      ...(this.sessionId !== undefined && { session_id: this.sessionId }),
    };
  }

  /** What was printed; where that is nothing but events, their texts. */
  private text(): string | undefined {
    return this.log.joined("\n") ?? this.texts.joined("\n\n");
  }
}

/** Lines kept up to the longest answer we take; a flood must not grow with the agent's output. */
class CappedLines {
  private readonly lines: string[] = [];
  private length = 0;

  add(line: string): void {
    if (this.length > ANSWER_LIMIT) return;
    this.lines.push(line.slice(0, ANSWER_LIMIT));
    this.length += line.length + 1;
  }

  joined(separator: string): string | undefined {
    const text = this.lines.join(separator).trim();
    return text === "" ? undefined : storableText(text, ANSWER_LIMIT);
  }
}

function droppedFields(
  event: AgentEvent,
  dropped: readonly string[],
): AgentEvent {
  return {
    type: "warning",
    message: storableText(
      `A "${event.type}" event had fields we cannot read: ${[...new Set(dropped)].join(", ")}`,
      1000,
    ),
  };
}
