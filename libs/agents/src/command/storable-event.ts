import type { AgentEvent } from "@pullwright/contracts";
import {
  ANSWER_LIMIT,
  storableText,
  storableValue,
} from "../stream/storable.js";

const largeFields: ReadonlySet<string> = new Set(["text", "output"]);

/** The event with every text of it fit to store; it came from outside and may hold anything. */
export function storableEvent(event: AgentEvent): AgentEvent {
  const limit = event.type === "finished" ? ANSWER_LIMIT : undefined;
  const entries = Object.entries(event).map(
    ([key, value]: [string, unknown]) => [
      key,
      typeof value === "string" && largeFields.has(key)
        ? storableText(value, limit)
        : storableValue(value),
    ],
  );
  return Object.fromEntries(entries) as AgentEvent; // the same keys, and values of the same types, only shorter
}
