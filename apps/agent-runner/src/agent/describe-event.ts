import type { AgentEvent } from "@pullwright/contracts";
import type { LogLevel } from "@pullwright/persistence";

export interface EventLine {
  readonly level: LogLevel;
  readonly message: string;
}

const MAX_INPUT_CHARACTERS = 500;

/** How an agent's event reads in the run's log; null for events that say nothing to people. */
export function describeEvent(event: AgentEvent): readonly EventLine[] {
  switch (event.type) {
    case "started":
      return [
        info(
          `agent started${part(" ", event.agent)}${part(" ", event.agent_version)}${part(", model ", event.model)}`,
        ),
      ];
    case "text":
      return lines("INFO", event.text);
    case "reasoning":
      return lines("DEBUG", event.text);
    case "tool_started":
      return [info(`→ ${event.name} ${summary(event.input)}`.trimEnd())];
    case "tool_finished":
      return [
        ...(event.status === "ok"
          ? []
          : [
              {
                level: "WARNING" as const,
                message: `✗ tool ${event.status}${part(", exit code ", event.exit_code)}`,
              },
            ]),
        ...lines("DEBUG", event.output ?? ""),
      ];
    case "permission":
      return [
        info(
          `permission asked${part(" for ", event.name)}${part(": ", event.decision)}`,
        ),
      ];
    case "retry":
      return [
        {
          level: "WARNING",
          message: `the agent retries (${event.attempt}${part("/", event.max)})${part(": ", event.message)}`,
        },
      ];
    case "warning":
      return lines("WARNING", event.message);
    case "raw":
      return lines("INFO", event.line);
    case "usage":
      return [];
    case "finished":
      return [
        {
          level: event.outcome === "succeeded" ? "INFO" : "ERROR",
          message: `agent finished: ${event.outcome}${part(", ", event.error?.message)}`,
        },
      ];
  }
}

const info = (message: string): EventLine => ({ level: "INFO", message });

const part = (before: string, value: string | number | undefined): string =>
  value === undefined || value === "" ? "" : `${before}${value}`;

const lines = (level: LogLevel, text: string): EventLine[] =>
  text === "" ? [] : text.split("\n").map((message) => ({ level, message }));

function summary(input: unknown): string {
  if (input === undefined || input === null) return "";
  const text = typeof input === "string" ? input : JSON.stringify(input);
  return text.length <= MAX_INPUT_CHARACTERS
    ? text
    : `${text.slice(0, MAX_INPUT_CHARACTERS)}…`;
}
