import { describe, expect, it } from "@jest/globals";
import { agentEventSchema } from "@pullwright/contracts";
import type { AgentExit } from "../agent.js";
import { recordedRuns, replay } from "../__fixtures__/recorded-runs.js";
import { toPhaseFailure } from "../outcome/phase-failure.js";
import { ClaudeParser } from "./claude-parser.js";

const runs = recordedRuns("claude");
const recorded = (name: string) => {
  const run = runs.get(name);
  if (run === undefined) throw new Error(`no recorded run ${name}`);
  return run;
};

interface Expected {
  outcome: "succeeded" | "failed" | "cancelled";
  /** `stop/error class → failure class`, for what did not succeed. */
  failure?: string;
  denials?: string[];
  /** input/output/cache read/cost, or null. */
  usage: string | null;
}

const whole = "5000/250/1000/0.01905";
const one = "1000/50/200/0.00381";
const two = "2000/100/400/0.00762";
const zero = "0/0/0/0";
const ok = (usage: string, ...denials: string[]): Expected => ({
  outcome: "succeeded",
  usage,
  denials,
});
const failed = (failure: string, usage: string | null): Expected => ({
  outcome: "failed",
  failure,
  usage,
});
const cancelled = (usage: string | null): Expected => ({
  outcome: "cancelled",
  failure: "cancelled/- → cancelled",
  usage,
});

const table: Record<string, Expected> = {
  append: ok(one),
  bare: ok(whole),
  denied: ok(whole, "Write", "Edit"),
  dontask: ok(whole, "Edit"),
  down: failed("error/network → transient", zero),
  dupid: failed("crashed/unknown → agent_error", null),
  e400: failed("error/context_overflow → agent_error", zero),
  e401: failed("killed/auth → timeout", null),
  e401fast: failed("error/auth → auth", zero),
  e500few: failed("error/server → transient", zero),
  fork: ok(one),
  happy: ok(whole),
  json: ok("5000/250/1000/0.03175"),
  maxturns: failed("max_turns/limit → agent_error", two),
  noisy: ok(whole),
  nokey: failed("error/auth → auth", zero),
  nopersist: ok(whole),
  outside: ok(two, "Bash"),
  outside2: ok(two, "Write", "Bash", "Bash"),
  partial: ok(whole),
  plan: ok(whole, "Write", "Edit"),
  proxyjunk: ok(one),
  resume: ok(whole),
  resume2: ok(one),
  resumebad: failed("error/session_not_found → transient", zero),
  resumecwd: ok(one),
  resumecwd2: ok(one),
  safe: ok(whole),
  schema: ok(one),
  schemabad: failed("error/unknown → agent_error", "4000/200/800/0.01524"),
  settings: ok(two),
  sigint: cancelled(zero),
  sigkill: cancelled("1000/1/200/-"),
  sigterm: cancelled(null),
  sigtermbash: cancelled(two),
  sigtermbash2: cancelled("1000/1/200/-"),
  sigtermg: cancelled(two),
  skip: failed("crashed/unknown → agent_error", null),
  skipsandbox: ok(whole),
  stdin: ok(one),
  streamin: ok(one),
};

describe("reading recorded runs of Claude Code", () => {
  it("has an expectation for every recorded run", () => {
    expect(Object.keys(table).sort()).toEqual([...runs.keys()].sort());
  });

  it.each(Object.entries(table))("judges %s rightly", (name, expected) => {
    const run = recorded(name);
    const { finished } = replay(new ClaudeParser(), run);
    const failure = toPhaseFailure(finished, run.exit);
    const usage = finished.usage;
    expect({
      outcome: finished.outcome,
      failure: failure
        ? `${finished.stop}/${finished.error?.class ?? "-"} → ${failure.failureClass}`
        : undefined,
      denials: finished.denials.map((denial) => denial.name),
      usage: usage
        ? `${usage.input_tokens}/${usage.output_tokens}/${usage.cache_read_tokens}/${round(usage.cost_usd)}`
        : null,
    }).toEqual({ failure: undefined, denials: [], ...expected });
  });

  it.each([...runs.keys()])(
    "gives only events of the model for %s, and no finished before the end",
    (name) => {
      const { events, finished } = replay(new ClaudeParser(), recorded(name));
      for (const event of [...events, finished])
        expect(agentEventSchema.safeParse(event).error).toBeUndefined();
      expect(events.filter((event) => event.type === "finished")).toEqual([]);
    },
  );

  it("tells the run as it went", () => {
    const { events, finished } = replay(new ClaudeParser(), recorded("happy"));
    expect(
      events.map((event) =>
        event.type === "tool_started"
          ? `${event.kind} ${event.name}`
          : event.type,
      ),
    ).toEqual([
      "started",
      ...["text", "usage", "edit Write", "tool_finished"],
      ...["read Read", "usage", "tool_finished"],
      ...["edit Edit", "usage", "tool_finished"],
      ...["execute Bash", "usage", "tool_finished"],
      ...["text", "usage", "usage"],
    ]);
    expect(finished).toMatchObject({
      text: "All done.",
      turns: 5,
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it("counts a message's usage once, however many blocks it comes in", () => {
    const { events } = replay(new ClaudeParser(), recorded("happy"));
    const ids = events.flatMap((event) =>
      event.type === "usage" && event.message_id ? [event.message_id] : [],
    );
    expect(ids).toHaveLength(5);
    expect(new Set(ids).size).toBe(5);
  });

  it("marks refused calls as denied and reports each refusal", () => {
    const { events } = replay(new ClaudeParser(), recorded("denied"));
    expect(
      events
        .filter((event) => event.type === "permission")
        .map((event) => event.name),
    ).toEqual(["Write", "Edit"]);
    const statuses = events.flatMap((event) =>
      event.type === "tool_finished" ? [event.status] : [],
    );
    expect(statuses).toEqual(["denied", "ok", "denied", "ok"]);
  });

  it("keeps a structured answer", () => {
    const { finished } = replay(new ClaudeParser(), recorded("schema"));
    expect(finished.structured).toEqual({ kind: "bug" });
  });

  it("reports the CLI's retries with their status and wait", () => {
    const { events } = replay(new ClaudeParser(), recorded("proxyjunk"));
    expect(events.filter((event) => event.type === "retry")).toEqual([
      {
        type: "retry",
        attempt: 1,
        max: 10,
        delay_ms: 534,
        http_status: 529,
        message: "overloaded",
      },
      {
        type: "retry",
        attempt: 2,
        max: 10,
        delay_ms: 1201,
        http_status: 529,
        message: "overloaded",
      },
    ]);
  });

  it("names what the CLI was retrying when it was stopped at the time limit", () => {
    const { finished } = replay(new ClaudeParser(), recorded("e401"));
    expect(finished.error).toMatchObject({ class: "auth", http_status: 401 });
    expect(finished.error?.message).toBe(
      "The agent was stopped at its time limit. Its last error: authentication_failed (HTTP 401)",
    );
  });
});

describe("endings of Claude Code that nobody recorded", () => {
  const exit = (over: Partial<AgentExit> = {}): AgentExit => ({
    exitCode: 0,
    signal: null,
    stderrTail: "",
    ...over,
  });
  const result = (over: object) =>
    JSON.stringify({
      type: "result",
      subtype: "success",
      is_error: false,
      result: "Done.",
      ...over,
    });

  it("does not believe a success whose exit code speaks against it", () => {
    const { finished } = replay(
      new ClaudeParser(),
      recorded("happy"),
      exit({ exitCode: 1 }),
    );
    expect(finished).toMatchObject({
      outcome: "failed",
      stop: "crashed",
      error: { message: "The agent exited with code 1." },
    });
  });

  it("does not believe exit code 0 without a result", () => {
    const parser = new ClaudeParser();
    expect(parser.end(exit())).toMatchObject({
      outcome: "failed",
      stop: "crashed",
    });
  });

  it("takes a kill that nobody here asked for as trouble of the machine", () => {
    const killed = exit({ exitCode: null, signal: "SIGKILL" });
    const { finished } = replay(
      new ClaudeParser(),
      recorded("sigkill"),
      killed,
    );
    expect(finished).toMatchObject({ outcome: "failed", stop: "killed" });
    expect(toPhaseFailure(finished, killed)?.failureClass).toBe(
      "infrastructure",
    );
  });

  it("keeps its own stop as the outcome when the CLI finished in its grace", () => {
    const { finished } = replay(
      new ClaudeParser(),
      recorded("happy"),
      exit({ stoppedBy: "silence" }),
    );
    expect(finished.outcome).toBe("failed");
    expect(
      toPhaseFailure(finished, { stoppedBy: "silence" })?.failureClass,
    ).toBe("stalled");
  });

  it("reads the price of a stop at the budget from modelUsage, for usage is all zero there", () => {
    const parser = new ClaudeParser();
    parser.line(
      "stdout",
      result({
        subtype: "error_max_budget_usd",
        is_error: true,
        usage: { input_tokens: 0, output_tokens: 0 },
        modelUsage: {
          a: {
            inputTokens: 10,
            outputTokens: 5,
            cacheReadInputTokens: 1,
            cacheCreationInputTokens: 2,
            costUSD: 0.5,
          },
          b: { inputTokens: 1, outputTokens: 1, costUSD: 0.25 },
        },
      }),
    );
    const finished = parser.end(exit({ exitCode: 1 }));
    expect(finished.usage).toEqual({
      input_tokens: 11,
      output_tokens: 6,
      cache_read_tokens: 1,
      cache_write_tokens: 2,
      cost_usd: 0.75,
    });
    expect(toPhaseFailure(finished, {})?.failureClass).toBe("budget");
  });

  it("takes a refusal of the model for a failure", () => {
    const parser = new ClaudeParser();
    parser.line(
      "stdout",
      result({ stop_reason: "refusal", result: "I will not." }),
    );
    expect(parser.end(exit())).toMatchObject({
      outcome: "failed",
      error: { class: "refusal", message: "I will not." },
    });
  });

  it("hands on when the provider's limit ends", () => {
    const now = () => new Date("2026-11-21T10:00:00Z");
    const parser = new ClaudeParser({ now });
    const resetsAt = Date.parse("2026-11-21T12:00:00Z") / 1000;
    parser.line(
      "stdout",
      JSON.stringify({
        type: "rate_limit_event",
        rate_limit_info: { status: "rejected", resetsAt },
      }),
    );
    parser.line(
      "stdout",
      result({
        is_error: true,
        api_error_status: 429,
        result: "Usage limit reached",
      }),
    );
    const finished = parser.end(exit({ exitCode: 1 }));
    expect(toPhaseFailure(finished, {})).toEqual({
      failureClass: "quota",
      message: "Usage limit reached",
      resumeAt: "2026-11-21T12:00:00.000Z",
    });
  });
});

function round(cost: number | null): string {
  return cost === null ? "-" : String(Number(cost.toFixed(6)));
}
