import { describe, expect, it } from "@jest/globals";
import {
  DrivenRun,
  failed,
  HOUR,
  MINUTE,
  SECOND,
} from "../__fixtures__/driven-run.js";
import { agentsLeft } from "../agent-route.js";

const noQuota = (agent: string, resumeAt = "2026-01-05T13:01:00Z") =>
  failed("quota", { agent, resumeAt, message: `${agent} has no quota.` });
const notLetIn = (agent: string) => failed("auth", { agent });

const routed = (...agentRoute: string[]) =>
  new DrivenRun(undefined, { agentRoute });

const next = ({ state, live }: DrivenRun) => agentsLeft(state.agentRoute, live);

describe("a phase whose agent is refused", () => {
  it.each([noQuota("claude"), notLetIn("claude")])(
    "goes on with the next agent of the route at once ($failureClass)",
    (refused) => {
      const driven = routed("claude", "codex").work(refused);
      expect(driven.live).toMatchObject({
        status: "queued",
        availableAt: driven.now,
        failedAttempts: 0,
        definition: { name: "classify" },
      });
      expect(next(driven)).toEqual(["codex"]);
      expect(driven.state.status).toBe("running");
      driven.work();
      expect(next(driven)).toEqual(["claude", "codex"]);
    },
  );

  it("waits for the first quota to come back once the route is used up, and begins with that agent", () => {
    const driven = routed("claude", "codex")
      .work(noQuota("claude", "2026-01-05T11:00:00Z"))
      .work(noQuota("codex", "2026-01-05T10:00:00Z"));
    expect(driven.state.waiting).toMatchObject({
      reason: "quota",
      resumeAt: new Date("2026-01-05T10:00:00Z"),
      message:
        "No agent of the route is left. claude: its quota is used up (claude has no quota.). codex: its quota is used up (codex has no quota.).",
    });
    driven.passUntil(driven.state.waiting?.resumeAt).elapse();
    expect(next(driven)).toEqual(["codex"]);
  });

  it("asks a person only when none of the route is let in", () => {
    const one = routed("claude", "codex")
      .work(notLetIn("claude"))
      .work(noQuota("codex"));
    expect(one.state.waiting?.reason).toBe("quota");
    const none = routed("claude", "codex")
      .work(notLetIn("claude"))
      .work(notLetIn("codex"));
    expect(none.state.waiting).toMatchObject({
      reason: "person",
      resumeAt: null,
    });
    none.continue(0);
    expect(next(none)).toEqual(["claude", "codex"]);
  });

  it("takes the first agent again when its moment came while another one worked", () => {
    const driven = routed("claude", "codex").work(
      noQuota("claude", "2026-01-05T09:02:00Z"),
    );
    driven
      .claim()
      .pass(5 * MINUTE)
      .finish(noQuota("codex"));
    expect(next(driven)).toEqual(["claude"]);
    expect(driven.live.status).toBe("queued");
  });

  it("gets an agent back whose moment comes while it is queued for another one, and keeps its turn", () => {
    const driven = routed("claude", "codex").work(
      noQuota("claude", "2026-01-05T09:16:00Z"),
    );
    const queuedAt = driven.now;
    driven.passUntil(new Date("2026-01-05T09:15:59Z"));
    expect(driven.refusal({ type: "wait_elapsed" }).refused).toBe("not_yet");
    driven.pass(SECOND).elapse();
    expect(next(driven)).toEqual(["claude", "codex"]);
    expect(driven.live).toMatchObject({
      status: "queued",
      availableAt: queuedAt,
      setbacks: [],
    });
    expect(driven.effects).toEqual(["status_comment"]);
    expect(driven.refusal({ type: "wait_elapsed" }).refused).toBe("not_yet");
  });

  it("gets back only those whose moment has come", () => {
    const driven = routed("claude", "codex", "gemini")
      .work(notLetIn("claude"))
      .work(noQuota("codex", "2026-01-05T09:16:00Z"));
    driven.passUntil(new Date("2026-01-05T09:16:00Z")).elapse();
    expect(next(driven)).toEqual(["codex", "gemini"]);
  });

  it("has no route where the failure is nobody's agent, such as GitHub's own limit", () => {
    const driven = routed("claude", "codex").work(failed("quota"));
    expect(driven.state.waiting?.reason).toBe("quota");
  });

  it("waits as ever where there is one agent", () => {
    for (const driven of [routed(), routed("claude")]) {
      driven.work(noQuota("claude"));
      expect(driven.state.waiting).toMatchObject({
        reason: "quota",
        message: "claude has no quota.",
        resumeAt: new Date("2026-01-05T13:01:00Z"),
      });
    }
  });

  it("begins with the agent that its definition names", () => {
    const phase = {
      definition: { kind: "agent", agent: "codex" },
      setbacks: [],
    } as const;
    expect(agentsLeft(["claude", "codex"], phase)).toEqual(["codex", "claude"]);
  });
});

describe("a moment that has just passed", () => {
  const waited = (resumeAt: string) => {
    const driven = new DrivenRun().work(failed("quota", { resumeAt }));
    return (
      (driven.state.waiting?.resumeAt?.getTime() ?? NaN) - driven.now.getTime()
    );
  };

  it("resumes soon", () => {
    expect(waited("2026-01-05T09:00:58Z")).toBe(5 * SECOND);
    expect(waited("2026-01-05T09:01:01Z")).toBe(5 * SECOND);
  });

  it("means nothing when it lies far back", () => {
    expect(waited("2026-01-05T07:00:00Z")).toBe(HOUR / 4);
  });
});

describe("an agent that fails for good", () => {
  const broken = (message: string) => failed("agent_error", { message });
  const failTwice = (driven: DrivenRun, message: string) =>
    driven
      .work(broken(message))
      .passUntil(driven.live.availableAt)
      .work(broken(message));

  it("gets another round with its own words as the evidence", () => {
    const driven = failTwice(new DrivenRun().upTo("build"), "It gave up.");
    expect(driven.state.status).toBe("running");
    expect(driven.live).toMatchObject({
      status: "queued",
      round: 2,
      definition: { name: "build" },
    });
    expect(driven.phase("build").result).toEqual(broken("It gave up."));
  });

  it("ends the run when the next round fails in the same words, or no round is left", () => {
    const same = failTwice(new DrivenRun().upTo("build"), "It gave up.");
    failTwice(same, "It gave up.");
    expect(same.state.failure).toMatchObject({
      failureClass: "agent_error",
      message: "It gave up.",
    });
    const others = new DrivenRun(undefined, {
      limits: { maxFixRounds: 1 },
    }).upTo("build");
    failTwice(others, "One.");
    failTwice(others, "Two.");
    expect(others.state.failure?.message).toBe("Two.");
  });

  it("ends the run where nothing has been built yet", () => {
    const driven = failTwice(new DrivenRun(), "It gave up.");
    expect(driven.state.status).toBe("failed");
  });
});
