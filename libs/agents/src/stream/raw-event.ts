import type { AgentEvent } from "@pullwright/contracts";
import { storableText } from "./storable.js";

const RAW_LINE_LIMIT = 16 * 1024;

/** A line as it came: a log line of the agent, or one we cannot read. */
export function rawEvent(
  stream: "stdout" | "stderr",
  line: string,
): AgentEvent {
  return { type: "raw", stream, line: storableText(line, RAW_LINE_LIMIT) };
}
