import type { AgentEvent } from "@pullwright/contracts";
import type { TranscriptMessage } from "@pullwright/persistence";

/** Large blobs are cut: the log has the whole. */
const MAX_CONTENT_CHARACTERS = 16 * 1024;
const MAX_MESSAGES = 2_000;

/** What was said in one agent turn, by role. */
export class Transcript {
  readonly #messages: TranscriptMessage[] = [];

  constructor(prompt: string) {
    this.#add({ role: "user", content: prompt });
  }

  add(event: AgentEvent): void {
    switch (event.type) {
      case "text":
        this.#add({ role: "assistant", content: event.text });
        return;
      case "tool_started":
        this.#add({
          role: "assistant",
          content: "",
          metadata: {
            tool: event.name,
            call_id: event.call_id,
            input: event.input,
          },
        });
        return;
      case "tool_finished":
        this.#add({
          role: "tool",
          content: event.output ?? "",
          metadata: { call_id: event.call_id, status: event.status },
        });
        return;
      default:
        return;
    }
  }

  get messages(): readonly TranscriptMessage[] {
    return this.#messages;
  }

  #add(message: TranscriptMessage): void {
    if (this.#messages.length >= MAX_MESSAGES) return;
    const { content } = message;
    this.#messages.push(
      content.length <= MAX_CONTENT_CHARACTERS
        ? message
        : {
            ...message,
            content: `${content.slice(0, MAX_CONTENT_CHARACTERS)}…`,
          },
    );
  }
}
