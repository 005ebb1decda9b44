import { describe, expect, it } from "@jest/globals";
import { agentEventSchema } from "@pullwright/contracts";
import fc from "fast-check";
import { recordedRuns } from "./__fixtures__/recorded-runs.js";
import { stopReasons, type AgentExit, type AgentParser } from "./agent.js";
import { ClaudeParser } from "./claude/claude-parser.js";
import { CodexParser } from "./codex/codex-parser.js";
import { CommandParser } from "./command/command-parser.js";

const parsers: Record<string, () => AgentParser> = {
  claude: () => new ClaudeParser(),
  codex: () => new CodexParser(),
  command: () => new CommandParser(),
};

const recordedText = [
  ...recordedRuns("claude").values(),
  ...recordedRuns("codex").values(),
]
  .map((run) => run.stdout)
  .filter((stdout) => stdout !== "");

const exits = fc.record<AgentExit>({
  exitCode: fc.option(fc.integer({ min: -1, max: 300 })),
  signal: fc.option(fc.constantFrom("SIGTERM", "SIGKILL", "SIGSEGV", "???")),
  stoppedBy: fc.option(fc.constantFrom(...stopReasons)),
  stderrTail: fc.string({ unit: "binary" }),
});

/** Objects that look like events but hold anything at all. */
const types = [
  ...[
    "system",
    "assistant",
    "user",
    "result",
    "rate_limit_event",
    "thread.started",
    "turn.completed",
    "turn.failed",
  ],
  ...[
    "item.started",
    "item.completed",
    "error",
    "started",
    "text",
    "tool_started",
    "tool_finished",
    "usage",
    "finished",
  ],
];
const nearEvents = fc
  .tuple(
    fc.constantFrom(...types),
    fc.dictionary(
      fc.constantFrom(
        "subtype",
        "message",
        "item",
        "usage",
        "error",
        "content",
        "modelUsage",
        "outcome",
        "is_error",
        "__proto__",
      ),
      fc.jsonValue(),
    ),
  )
  .map(([type, fields]) => JSON.stringify({ ...fields, type }));

const garbage = fc.array(
  fc.tuple(
    fc.constantFrom("stdout" as const, "stderr" as const),
    fc.oneof(fc.string({ unit: "binary" }), fc.json(), nearEvents),
  ),
);

/** A recorded stream cut at arbitrary places, as when output is torn or lines are lost. */
const torn = fc
  .tuple(
    fc.constantFrom(...recordedText),
    fc.array(fc.nat(20_000), { maxLength: 8 }),
  )
  .map(([text, cuts]) => {
    const places = [
      0,
      ...cuts.map((cut) => cut % text.length).sort((a, b) => a - b),
      text.length,
    ];
    return places
      .slice(1)
      .flatMap((end, index) => text.slice(places[index], end).split("\n"));
  })
  .map((lines) => lines.map((line) => ["stdout", line] as const));

describe.each(Object.entries(parsers))(
  "the %s parser, fed anything",
  (_, create) => {
    it("never throws, gives events that can be stored, and judges once", () => {
      fc.assert(
        fc.property(fc.oneof(garbage, torn), exits, (lines, exit) => {
          const parser = create();
          const events = lines.flatMap(([stream, text]) =>
            parser.line(stream, text),
          );
          const finished = parser.end(exit);
          expect(events.some((event) => event.type === "finished")).toBe(false);
          for (const event of [...events, finished]) {
            expect(agentEventSchema.safeParse(event).error).toBeUndefined();
            expect(JSON.stringify(event)).not.toMatch(/\\u0000|\\ud[89a-f]/);
          }
          if (exit.stoppedBy)
            expect(finished.outcome).toBe(
              exit.stoppedBy === "cancelled" ? "cancelled" : "failed",
            );
          else if (exit.exitCode !== 0)
            expect(finished.outcome).not.toBe("succeeded");
        }),
        { numRuns: 400 },
      );
    });

    it("bounds what one huge line leaves behind", () => {
      const parser = create();
      const huge = JSON.stringify({
        type: "text",
        text: "x".repeat(3_000_000),
      });
      const deep = `{"type":"tool_started","call_id":"1","name":"x","input":${"[".repeat(200_000)}${"]".repeat(200_000)}}`;
      const events = [huge, deep, "y".repeat(10_000_000)].flatMap((line) =>
        parser.line("stdout", line),
      );
      expect(JSON.stringify(events).length).toBeLessThan(200_000);
    });
  },
);
