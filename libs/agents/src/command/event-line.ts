import { agentEventSchema, type AgentEvent } from "@pullwright/contracts";
import { JsonView } from "../stream/json-view.js";

type EventType = AgentEvent["type"];

const eventTypes: ReadonlySet<string> = new Set<EventType>([
  "started",
  "text",
  "reasoning",
  "tool_started",
  "tool_finished",
  "permission",
  "retry",
  "usage",
  "warning",
  "raw",
  "finished",
]);

/** A line of a command agent: an event, with the names of fields we had to drop, or a line of its log. */
export type EventLine = {
  readonly event: AgentEvent;
  readonly dropped: readonly string[];
} | null;

/**
 * Reads a line as an event if it is a JSON object whose `type` we know. A field with a wrong value is dropped
 * rather than the event: a `finished` that fails must not pass for success over a misspelt error class.
 */
export function readEventLine(line: string): EventLine {
  const view = JsonView.ofLine(line);
  if (view === null || !eventTypes.has(view.text("type") ?? "")) return null;
  const dropped: string[] = [];
  // First the very value, then the whole field around it; after that the event cannot be saved.
  for (const whole of [false, true]) {
    const parsed = agentEventSchema.safeParse(view.fields);
    if (parsed.success) return { event: parsed.data, dropped };
    for (const { path } of parsed.error.issues) {
      dropped.push(path.join("."));
      remove(view.fields, whole ? path.slice(0, 1) : path);
    }
  }
  const parsed = agentEventSchema.safeParse(view.fields);
  return parsed.success ? { event: parsed.data, dropped } : null;
}

function remove(from: unknown, path: readonly PropertyKey[]): void {
  const [key, ...rest] = path;
  if (typeof from !== "object" || from === null || key === undefined) return;
  if (rest.length === 0) Reflect.deleteProperty(from, key);
  else remove(Reflect.get(from, key), rest);
}
