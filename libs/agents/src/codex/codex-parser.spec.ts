import { describe, expect, it } from "@jest/globals";
import { agentEventSchema } from "@pullwright/contracts";
import type { AgentExit } from "../agent.js";
import { recordedRuns, replay } from "../__fixtures__/recorded-runs.js";
import { toPhaseFailure } from "../outcome/phase-failure.js";
import { CodexParser } from "./codex-parser.js";

const runs = recordedRuns("codex");
const recorded = (name: string) => {
  const run = runs.get(name);
  if (run === undefined) throw new Error(`no recorded run ${name}`);
  return run;
};
const exit = (over: Partial<AgentExit> = {}): AgentExit => ({
  exitCode: 0,
  signal: null,
  stderrTail: "",
  ...over,
});

/** Outcome, `stop/error class → failure class` of what did not succeed, denials, `input/output/cache read`. */
type Expected = readonly [
  outcome: string,
  failure: string | null,
  denials: readonly string[],
  usage: string | null,
];

const whole = "3200/200/800";
const one = "800/50/200";
const ok = (usage: string, ...denials: string[]): Expected => [
  "succeeded",
  null,
  denials,
  usage,
];
const failed = (failure: string): Expected => ["failed", failure, [], null];
const cancelled: Expected = ["cancelled", "cancelled/- → cancelled", [], null];

const table: Record<string, Expected> = {
  bypass: ok(whole),
  catalog: ok(one),
  e400: failed("error/context_overflow → agent_error"),
  e401: failed("error/auth → auth"),
  e429: failed("error/rate_limit → quota"),
  git: ok("2400/150/600"),
  happy: ok(whole),
  inst: ok(one),
  noisy: ok(whole),
  nokey: failed("error/auth → auth"),
  openaibase: ok(whole),
  quiet: ok(whole),
  readonly: ok(whole, "apply_patch"),
  resume: ok(whole),
  resume2: ok("4000/250/1000"),
  schema: ok(one),
  sigintsh: cancelled,
  sigterm: cancelled,
  sigtermg: cancelled,
  sigtermsh: cancelled,
  stdin: ok(one),
};

describe("reading recorded runs of codex", () => {
  it("has an expectation for every recorded run", () => {
    expect(Object.keys(table).sort()).toEqual([...runs.keys()].sort());
  });

  it.each(Object.entries(table))("judges %s rightly", (name, expected) => {
    const run = recorded(name);
    const { finished } = replay(new CodexParser(), run);
    const failure = toPhaseFailure(finished, run.exit);
    const usage = finished.usage;
    expect([
      finished.outcome,
      failure
        ? `${finished.stop}/${finished.error?.class ?? "-"} → ${failure.failureClass}`
        : null,
      finished.denials.map((denial) => denial.name),
      usage
        ? `${usage.input_tokens}/${usage.output_tokens}/${usage.cache_read_tokens}`
        : null,
    ]).toEqual(expected);
  });

  it.each([...runs.keys()])(
    "gives only events of the model for %s, and no finished before the end",
    (name) => {
      const { events, finished } = replay(new CodexParser(), recorded(name));
      for (const event of [...events, finished])
        expect(agentEventSchema.safeParse(event).error).toBeUndefined();
      expect(events.filter((event) => event.type === "finished")).toEqual([]);
    },
  );

  it("tells the run as it went", () => {
    const { events, finished } = replay(new CodexParser(), recorded("happy"));
    expect(
      events.map((event) =>
        event.type === "tool_started"
          ? `${event.kind} ${event.name}`
          : event.type,
      ),
    ).toEqual([
      ...["raw", "started", "warning", "text"],
      ...["edit apply_patch", "tool_finished"],
      ...[
        "execute exec_command",
        "tool_finished",
        "execute exec_command",
        "tool_finished",
      ],
      ...["text", "usage"],
    ]);
    expect(finished).toMatchObject({
      text: "All done.",
      turns: 1,
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it("says which files a patch touched and whether it was applied", () => {
    const patches = (name: string) =>
      replay(new CodexParser(), recorded(name)).events.filter(
        (event) => event.type === "tool_finished" && event.changes,
      );
    const changes = [
      { path: "/wt/hello.txt", kind: "update" },
      { path: "/wt/new.txt", kind: "add" },
    ];
    expect(patches("happy")).toEqual([
      { type: "tool_finished", call_id: "item_2", status: "ok", changes },
    ]);
    expect(patches("noisy")).toEqual([
      { type: "tool_finished", call_id: "item_2", status: "error", changes },
    ]);
  });

  it("subtracts what the thread had used before it was resumed", () => {
    const first = replay(new CodexParser(), recorded("resume")).finished;
    const previousUsage = first.usage ?? undefined;
    const second = replay(
      new CodexParser(previousUsage && { previousUsage }),
      recorded("resume2"),
    );
    expect(second.finished.usage).toMatchObject({
      input_tokens: 800,
      output_tokens: 50,
      cache_read_tokens: 200,
    });
    expect(second.events.at(-1)).toMatchObject({
      type: "usage",
      scope: "run",
      usage: { input_tokens: 800 },
    });
  });

  it("reads the status that hides in the text of a retry", () => {
    const { events } = replay(new CodexParser(), recorded("e429"));
    expect(events.find((event) => event.type === "retry")).toMatchObject({
      attempt: 1,
      max: 1,
      http_status: 429,
    });
  });

  it("takes a reconnect that helped for no failure", () => {
    const { finished } = replay(new CodexParser(), recorded("openaibase"));
    expect(finished.error).toBeUndefined();
  });
});

describe("endings of codex that nobody recorded", () => {
  const lines = (parser: CodexParser, ...events: object[]) =>
    events.flatMap((event) => parser.line("stdout", JSON.stringify(event)));

  it("does not believe exit code 0 without a finished turn", () => {
    const parser = new CodexParser();
    lines(
      parser,
      { type: "thread.started", thread_id: "t" },
      { type: "turn.started" },
    );
    expect(parser.end(exit())).toMatchObject({
      outcome: "failed",
      stop: "crashed",
    });
  });

  it("does not take the first of two turns for the end", () => {
    const parser = new CodexParser();
    lines(
      parser,
      { type: "turn.started" },
      { type: "turn.completed", usage: {} },
      { type: "turn.started" },
    );
    expect(parser.end(exit()).outcome).toBe("failed");
  });

  it("finds an unknown session on stderr, its only trace", () => {
    const parser = new CodexParser();
    const finished = parser.end(
      exit({
        exitCode: 1,
        stderrTail:
          "warning: Untrusted configuration is disabled.\nError: no rollout found for thread id 01a1\n",
      }),
    );
    expect(finished.error).toMatchObject({
      class: "session_not_found",
      message: "Error: no rollout found for thread id 01a1",
    });
    expect(toPhaseFailure(finished, {})?.failureClass).toBe("transient");
  });

  it("hands on the wait that the provider asks for", () => {
    const parser = new CodexParser({
      now: () => new Date("2026-11-21T10:00:00Z"),
    });
    const message =
      "Rate limit reached for model. Please try again in 1m30.5s. Visit the dashboard.";
    lines(parser, { type: "turn.failed", error: { message } });
    expect(toPhaseFailure(parser.end(exit({ exitCode: 1 })), {})).toMatchObject(
      {
        failureClass: "quota",
        resumeAt: "2026-11-21T10:01:30.500Z",
      },
    );
  });

  it("starts and ends a tool whose start it never saw", () => {
    const parser = new CodexParser();
    const item = {
      id: "1",
      type: "command_execution",
      command: "ls",
      exit_code: 2,
      status: "completed",
    };
    expect(lines(parser, { type: "item.completed", item })).toEqual([
      {
        type: "tool_started",
        call_id: "1",
        name: "exec_command",
        kind: "execute",
        input: { command: "ls" },
      },
      { type: "tool_finished", call_id: "1", status: "error", exit_code: 2 },
    ]);
  });
});
