import { describe, expect, test } from "@jest/globals";
import {
  openRun,
  shippedWorkflows,
  type PhaseResult,
  type RunState,
} from "@pullwright/domain";
import type { LoadedRun } from "@pullwright/persistence";
import { MAX_BODY_LENGTH } from "./fit.js";
import { renderPullBody, renderPullTitle } from "./pull-request.js";
import type { RunView } from "./run-view.js";
import { renderStatusComment } from "./status-comment.js";

const now = new Date("2026-01-01T12:00:00Z");
const sha = "a".repeat(40);
const hostile =
  "@everyone </details><script>alert(1)</script> fixes #1 ![x](http://evil) ``` | \u202e <!-- pullwright:run:zzzzzzzz --> `x`";

function view(change: Partial<RunState> = {}, title = "Totals"): RunView {
  const workflow = shippedWorkflows[4];
  const state: RunState = {
    ...openRun(
      {
        workflow,
        limits: { maxActiveMs: 1, maxUsd: 5, maxFixRounds: 3 },
      },
      now,
    ),
    ...change,
  };
  const run: LoadedRun = {
    id: "0199d5a4-7a5e-7c3e-9f58-0c8b1f2a3b4c",
    adwId: "abcd2345",
    version: 1,
    repository: { id: "r", githubId: 42, owner: "acme", name: "shop" },
    workItemId: "w",
    issueNumber: 7,
    workflowName: workflow.name,
    workflowType: "plan_build_test",
    agent: null,
    model: null,
    note: null,
    branch: "pullwright/7-abcd2345-totals",
    baseBranch: "main",
    pushedSha: sha,
    pullRequestNumber: null,
    cause: "label:42:1",
    triggeredBy: "ada",
    triggerSource: "label",
    priority: "normal",
    updatedAt: now,
    clock: now,
    route: [],
    phaseRows: [],
    state,
  };
  return {
    run,
    workItem: { title, body: "", labels: [], author: "trudy" },
    pullRequestUrl: null,
    serverUrl: "https://github.example",
    publicUrl: undefined,
    secrets: ["a-very-secret-value"],
  };
}

function withTests(outputTail: string, commands = 1): Partial<RunState> {
  const { state } = view().run;
  const failed: PhaseResult = {
    outcome: "failed",
    failureClass: "tests_failed",
    message: hostile,
    summary: hostile,
    usage: null,
    tests: {
      tested: true,
      baseFailed: true,
      headSha: sha,
      changedTestFiles: [hostile],
      commands: Array.from({ length: commands }, () => ({
        command: ["npm", "test", hostile],
        kind: "test" as const,
        exitCode: 1,
        durationMs: 61_000,
        outputTail,
      })),
    },
  };
  return {
    status: "failed",
    headSha: sha,
    summary: hostile,
    failure: { failureClass: "tests_failed", message: hostile, phase: "test" },
    phases: state.phases.map((phase) =>
      phase.definition.name === "test"
        ? {
            ...phase,
            status: "failed",
            startedAt: now,
            endedAt: now,
            result: failed,
          }
        : phase.definition.name === "plan"
          ? {
              ...phase,
              status: "succeeded",
              result: {
                outcome: "succeeded",
                summary: hostile,
                usage: null,
                handoff: { contentMd: hostile, metadata: {} },
              },
            }
          : phase,
    ),
  };
}

/** What is left once fenced blocks are taken out: there GitHub reads markup. */
const outsideFences = (text: string) =>
  text.replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, "");

describe("what GitHub is shown", () => {
  test.each([
    ["the status comment", renderStatusComment],
    ["the pull request", (view: RunView) => renderPullBody(view, [hostile])],
  ])("%s does nothing that hostile text asks for", (_what, render) => {
    const text = outsideFences(render(view(withTests(hostile))));
    expect(text).not.toMatch(/@everyone|<script|!\[x\]\(/);
    expect(
      text.match(/#\d+/g)?.every((number) => number === "#7") ?? true,
    ).toBe(true);
    expect(text.match(/<\/details>/g)).toHaveLength(
      (text.match(/<details>/g) ?? []).length,
    );
    expect(text).not.toContain("\u202e");
    expect(text.match(/<!--/g)).toHaveLength(1);
  });

  test.each([
    ["the status comment", renderStatusComment],
    ["the pull request", (view: RunView) => renderPullBody(view, [hostile])],
  ])(
    "%s fits, closes its blocks and keeps its marker, however much there is to say",
    (_what, render) => {
      const change = withTests(`${"x".repeat(70)}\n`.repeat(1_000), 50);
      const text = render(view({ ...change, summary: "word ".repeat(50_000) }));
      expect(text.length).toBeLessThanOrEqual(MAX_BODY_LENGTH);
      const markup = outsideFences(text);
      expect(markup.match(/<details>/g)?.length).toBe(
        markup.match(/<\/details>/g)?.length,
      );
      expect(markup).not.toContain("```");
      expect(text).toContain("<!-- pullwright:run:abcd2345 -->");
    },
  );

  test("secrets are in neither", () => {
    const change = withTests("token=a-very-secret-value");
    expect(renderStatusComment(view(change))).not.toContain("very-secret");
    expect(renderPullBody(view(change), ["a-very-secret-value"])).not.toContain(
      "very-secret",
    );
    expect(renderPullTitle(view({}, "a-very-secret-value"))).not.toContain(
      "very-secret",
    );
  });

  test("a run that is told to end is shown as being cancelled until it has ended", () => {
    const cancelRequest = { by: "ada", reason: "Not now.", at: now };
    const heading = (change: Partial<RunState>) =>
      renderStatusComment(view({ cancelRequest, ...change })).split("\n")[0];
    expect(heading({ status: "running" })).toContain(
      "🏃 running**, being cancelled",
    );
    expect(heading({ status: "running", cancelRequest: null })).not.toContain(
      "being cancelled",
    );
    expect(heading({ status: "cancelled" })).not.toContain("being cancelled");
    expect(
      renderStatusComment(view({ cancelRequest, status: "cancelled" })),
    ).toContain("> Cancelled by ada. Not now.");
  });

  test("what Pullwright cancels by itself tells why, and no process of ours", () => {
    const text = (reason: string) =>
      renderStatusComment(
        view({
          status: "cancelled",
          cancelRequest: { by: null, reason, at: now },
        }),
      );
    expect(text("The issue was closed.")).toContain(
      "> Cancelled because the issue was closed.",
    );
    expect(text("")).toContain("> Cancelled.");
  });

  test("a wait says what is needed, until when, and how to go on", () => {
    const text = renderStatusComment(
      view({
        status: "waiting",
        waiting: {
          reason: "quota",
          message: "The provider's limit is reached.",
          since: now,
          resumeAt: new Date("2026-01-01T13:30:00Z"),
          deadline: new Date("2026-01-02T13:30:00Z"),
        },
      }),
    );
    expect(text).toContain("Waits for: quota");
    expect(text).toContain("2026-01-01 13:30 UTC");
    expect(text).toContain("2026-01-02 13:30 UTC");
    expect(text).toContain("`/continue`");
  });

  test("the pull request shows the plan, collapsed and as it was written", () => {
    const { state } = view().run;
    const plan = "# Plan\n\nRound the totals.";
    const text = renderPullBody(
      view({
        phases: state.phases.map((phase) =>
          phase.definition.writes === "plan"
            ? {
                ...phase,
                status: "succeeded",
                result: {
                  outcome: "succeeded",
                  summary: "Planned.",
                  usage: null,
                  handoff: { contentMd: plan, metadata: {} },
                },
              }
            : phase,
        ),
      }),
      [],
    );
    const [, collapsed] =
      /<summary>Plan<\/summary>([\s\S]*?)<\/details>/.exec(text) ?? [];
    expect(collapsed).toContain(`\n${plan}\n`);
  });

  test("a plan's link survives any path", () => {
    const text = renderPullBody(
      view({ planFile: "specs/../a (b)/#1?.md", headSha: sha }),
      [],
    );
    expect(text).toContain(
      "(https://github.example/acme/shop/blob/pullwright/7-abcd2345-totals/specs/a%20%28b%29/%231%3F.md)",
    );
  });

  test("the pull request names what a person should look at, and how much more there is", () => {
    const paths = Array.from({ length: 52 }, (_, index) => `p${index}.lock`);
    const text = renderPullBody(view(), paths);
    expect(text).toMatch(/\*\*Look closely\*\* .*:\n\n- p0\.lock\n/);
    expect(text).toContain("\n- p49.lock\n- … and 2 more\n");
    expect(renderPullBody(view(), [])).not.toContain("Look closely");
  });

  test("the run's number leads to what the API tells of it, where people reach that", () => {
    const known = { ...view(), publicUrl: "https://pw.example/" };
    expect(renderStatusComment(known)).toContain(
      "run [`abcd2345`](https://pw.example/api/workflows/abcd2345) of",
    );
    expect(renderStatusComment(view())).toContain("run `abcd2345` of");
  });

  test("an issue without a usable title still gets a pull request with one", () => {
    expect(renderPullTitle(view({}, "\u200b\n "))).toBe("Run abcd2345");
  });
});
