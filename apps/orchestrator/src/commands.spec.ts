import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { until } from "@pullwright/testing";
import {
  orchestration,
  repo,
  type Orchestration,
} from "./__fixtures__/orchestration.js";
import { playAll, playPhase } from "./__fixtures__/scripted-runner.js";
import type { Announce } from "./announce.js";
import { Answers } from "./deliveries/answers.js";
import { RunCommands, type RunCommand } from "./deliveries/run-commands.js";

let sut: Orchestration;
beforeAll(async () => {
  sut = await orchestration();
});
afterAll(() => sut.close());

const say = (issue: number, body: string, who = "ada") =>
  sut.github.comment(repo, issue, body, who);

const runsOf = async (issue: number) =>
  (await sut.runs()).filter((run) => run.issueNumber === issue);

async function started(
  command = "/adw",
): Promise<{ issue: number; id: string }> {
  const issue = sut.issue();
  say(issue, command);
  await sut.quiet();
  const [run, ...others] = await runsOf(issue);
  if (run === undefined || others.length > 0) throw new Error("not one run");
  return { issue, id: run.id };
}

/** Each time that GitHub was asked for a comment. */
const askedComments = () =>
  sut.github
    .requests()
    .filter(
      ({ method, path }) =>
        method === "GET" && /\/issues\/comments\/\d+$/.test(path),
    );

const answersTo = (issue: number) =>
  sut
    .ourComments(issue)
    .map(({ body }) => body)
    .filter((body) => body.includes("pullwright:reply:"));

describe("a comment", () => {
  test("starts a run with the options that were given, its budget within the installation's", async () => {
    const { id } = await started(
      "/adw plan_build --agent codex --model gpt-5 --budget 2.50",
    );
    expect(await sut.run(id)).toMatchObject({
      workflowName: "adw_plan_build",
      agent: "codex",
      model: "gpt-5",
      triggerSource: "comment",
      cause: expect.stringMatching(/^comment:\d+:\d+$/),
      state: { limits: { maxUsd: 2.5, maxFixRounds: 3 } },
    });
  });

  test.each([
    ["ordinary talk", "I would like /adw to look at this"],
    ["a quote", "> /adw"],
    ["a code block", "```\n/adw\n```"],
    ["an indented line", "    /adw"],
  ])(
    "that is %s starts nothing, and GitHub is not asked for it",
    async (_what, body) => {
      const issue = sut.issue();
      const before = askedComments().length;
      say(issue, body);
      await sut.quiet();
      expect(await runsOf(issue)).toEqual([]);
      expect(sut.ourComments(issue)).toEqual([]);
      expect(askedComments()).toHaveLength(before);
      // The issue's own webhook may come last.
      expect((await sut.verdicts()).slice(-2)).toContainEqual(
        expect.objectContaining({
          verdict: "ignored",
          verdict_reason: "the comment is no command",
        }),
      );
    },
  );

  test("of ours is not asked for either", async () => {
    const before = askedComments().length;
    const { issue } = await started();
    await until(
      () => sut.ourComments(issue).length === 1,
      "the run has its comment",
    );
    await sut.quiet();
    // The one that started the run.
    expect(askedComments()).toHaveLength(before + 1);
  });

  test("by someone without write permission starts nothing and gets no answer", async () => {
    const issue = sut.issue();
    say(issue, "/adw", "trudy");
    say(issue, "/adw nonsense --what", "trudy");
    await sut.quiet();
    expect(await runsOf(issue)).toEqual([]);
    expect(sut.ourComments(issue)).toEqual([]);
  });

  test("that was edited into a command, or edited at all, starts nothing", async () => {
    sut.github.webhooks.control({ kind: "hold" });
    const issue = sut.issue();
    const innocent = say(issue, "looks fine");
    const edited = say(issue, "/adw");
    sut.github.editComment(repo, innocent.id, "/adw", "ada");
    sut.github.editComment(repo, edited.id, "/adw plan", "ada");
    await sut.github.settled();
    sut.github.webhooks.clear();
    sut.github.webhooks.release();
    await sut.quiet();
    expect(await runsOf(issue)).toEqual([]);
  });

  test("by a bot starts nothing, unless the repository lists the bot's id; ours never does", async () => {
    const bot = sut.github.addUser({ login: "helper[bot]", type: "Bot" });
    sut.github.setCollaborator(repo, "helper[bot]", "admin");
    const first = sut.issue();
    say(first, "/adw", "helper[bot]");
    await sut.quiet();
    expect(await runsOf(first)).toEqual([]);
    await sut.runtime.stores.repositories.change(sut.repository.id, {
      policy: { allowed_actor_ids: [bot.id] },
    });
    const second = sut.issue();
    say(second, "/adw", "helper[bot]");
    say(second, "/adw plan <!-- pullwright:run:abcdefgh -->", "helper[bot]");
    await sut.quiet();
    expect(await runsOf(second)).toHaveLength(1);
    expect(answersTo(second)).toEqual([]);
  });

  test("with a mistake gets one answer that says how to write it", async () => {
    const issue = sut.issue();
    const { id } = say(issue, "/adw --colour red");
    await sut.deliver(
      "issue_comment",
      sut.about(issue, "created", { comment: { id } }),
      "poll",
    );
    await sut.quiet();
    expect(answersTo(issue)).toHaveLength(1);
    expect(answersTo(issue)[0]).toContain("--agent");
  });

  test("for an agent that this installation has not gets one answer with those it has", async () => {
    const issue = sut.issue();
    say(issue, "/adw --agent nope");
    await sut.quiet();
    expect(await runsOf(issue)).toEqual([]);
    expect(answersTo(issue)).toHaveLength(1);
    expect(answersTo(issue)[0]).toContain("`claude`");
    expect(answersTo(issue)[0]).toContain("`codex`");
    expect(answersTo(issue)[0]).not.toContain("`command`");
  });

  test("for adw_test without an earlier run is told what to run first", async () => {
    const issue = sut.issue();
    say(issue, "/adw test");
    await sut.quiet();
    expect(await runsOf(issue)).toEqual([]);
    expect(answersTo(issue)[0]).toContain("invalid_input");
    expect(answersTo(issue)[0]).toContain("/adw");
  });
});

describe("a second wish for an issue with a live run", () => {
  test("gets exactly one answer that names the live run, and starts nothing once the way is free", async () => {
    const { issue, id } = await started();
    const { adwId } = await sut.run(id);
    const second = say(issue, "/adw plan");
    await sut.quiet();
    expect(answersTo(issue)).toHaveLength(1);
    expect(answersTo(issue)[0]).toContain(adwId);
    say(issue, "/cancel");
    await sut.quiet();
    await sut.deliver(
      "issue_comment",
      sut.about(issue, "created", { comment: { id: second.id } }),
      "poll",
    );
    await sut.quiet();
    expect(await runsOf(issue)).toHaveLength(1);
    expect(answersTo(issue)).toHaveLength(1);
  });
});

describe("commands to a run", () => {
  test("cancel ends it once, with who and why in its comment", async () => {
    const { issue, id } = await started();
    const { id: comment } = say(issue, "/cancel wrong @acme/team, see #1");
    await sut.quiet();
    await sut.deliver(
      "issue_comment",
      sut.about(issue, "created", { comment: { id: comment } }),
      "poll",
    );
    await sut.quiet();
    expect((await sut.run(id)).state).toMatchObject({
      status: "cancelled",
      cancelRequest: { by: "ada" },
    });
    const [status, ...others] = sut.ourComments(issue);
    expect(others).toEqual([]);
    expect(status?.body).toContain("Cancelled by ada");
    expect(status?.body).not.toContain("@acme");
    expect(status?.body).not.toMatch(/#1\b/);
  });

  test("delivered twice at once are carried out once, and the second is not told that it did nothing", async () => {
    const { issue, id } = await started();
    const { stores } = sut.runtime;
    const announce: Announce = (news) => sut.runtime.announce(news);
    const answers = new Answers(stores, announce);
    const commands = new RunCommands(stores, answers, announce, sut.github.url);
    const twice = async (command: RunCommand, cause: string) => {
      const question = { cause, repositoryId: sut.repository.id };
      // As two that have both seen the cause unsettled.
      const handle = () =>
        commands.handle(command, {
          question: { ...question, issueNumber: issue },
          repository: sut.repository,
          actor: "ada",
          askedAt: new Date().toISOString(),
          deliveryId: "00000000-0000-0000-0000-000000000001",
        });
      const both = await Promise.all([handle(), handle()]);
      return both.sort((a, b) => b.verdict.localeCompare(a.verdict));
    };
    const settled = [
      { verdict: "moved", runId: id },
      {
        verdict: "ignored",
        reason: expect.stringMatching(/before$/),
        runId: id,
      },
    ];
    const cancel = { name: "cancel", reason: "" } as const;
    expect(await twice(cancel, "comment:1:11")).toMatchObject(settled);
    const retry = { name: "retry", phase: null, note: "" } as const;
    expect(await twice(retry, "comment:1:12")).toMatchObject(settled);
    await sut.quiet();
    expect(answersTo(issue)).toEqual([]);
  });

  test("retry opens the next execution with the note, from the phase that was named", async () => {
    const { issue, id } = await started();
    await playPhase(sut, id);
    await playPhase(sut, id);
    say(issue, "/cancel");
    await sut.quiet();
    say(issue, "/retry build mind the rounding");
    await sut.quiet();
    const run = await sut.run(id);
    expect(run.note).toBe("mind the rounding");
    expect(run.state.execution).toBe(2);
    expect(run.state.phases.map(({ status }) => status)).toEqual([
      "succeeded",
      "succeeded",
      "queued",
      "pending",
      "pending",
    ]);
    say(issue, "/retry build");
    await sut.quiet();
    expect(answersTo(issue)).toHaveLength(1);
    await playAll(sut, id);
    await until(
      async () => (await sut.run(id)).state.status === "completed",
      "the retried run completes",
    );
  });

  test("continue ends a wait for money with more of it", async () => {
    const { issue, id } = await started("/adw --budget 1");
    await playPhase(sut, id, {
      result: {
        outcome: "failed",
        failureClass: "budget",
        message: "The money is spent.",
      },
    });
    await sut.quiet();
    expect((await sut.run(id)).state.waiting?.reason).toBe("budget");
    const comment = sut.ourComments(issue)[0]?.body;
    expect(comment).toContain("Waits for: budget");
    expect(comment).toContain("/continue +5");
    say(issue, "/continue +5");
    await sut.quiet();
    expect((await sut.run(id)).state).toMatchObject({
      waiting: null,
      limits: { maxUsd: 6 },
    });
  });

  test("status, approve and what moves nothing are answered once each", async () => {
    const { issue, id } = await started();
    const { adwId } = await sut.run(id);
    say(issue, "/status");
    say(issue, "/approve");
    say(issue, "/continue");
    await sut.quiet();
    const answers = answersTo(issue);
    expect(answers).toHaveLength(3);
    for (const answer of answers) expect(answer).toContain(adwId);
    const none = sut.issue();
    say(none, "/cancel");
    await sut.quiet();
    expect(answersTo(none)[0]).toContain("no run yet");
  });

  test("reach the run from its pull request as well, and only from its own", async () => {
    const { issue, id } = await started();
    for (let n = 0; n < 3; n += 1) await playPhase(sut, id);
    await until(
      async () => (await sut.run(id)).pullRequestNumber !== null,
      "the draft is known",
    );
    const { pullRequestNumber } = await sut.run(id);
    say(pullRequestNumber ?? 0, "/cancel enough");
    await sut.quiet();
    expect((await sut.run(id)).state.status).toBe("cancelled");
    expect(await runsOf(issue)).toHaveLength(1);
  });
});

describe("a closed issue", () => {
  test("cancels its run, unless it is open again when we look", async () => {
    const { issue, id } = await started();
    await sut.deliver("issues", sut.about(issue, "closed"));
    await sut.quiet();
    expect((await sut.run(id)).state.status).toBe("pending");
    sut.github.closeIssue(repo, issue, "trudy");
    await sut.quiet();
    expect((await sut.run(id)).state).toMatchObject({ status: "cancelled" });
    const [status] = sut.ourComments(issue);
    expect(status?.body).toContain("Cancelled because the issue was closed.");
    expect(status?.body).not.toContain(sut.runtime.owner);
  });

  test("stands in the audit with the delivery that told of it, as do the label and the commands before it", async () => {
    const issue = sut.issue();
    sut.github.addLabel(repo, issue, "adw", "ada");
    await sut.quiet();
    const adwId = (await runsOf(issue))[0]?.adwId ?? "";
    sut.github.comment(repo, issue, "/cancel", "ada");
    await sut.quiet();
    sut.github.comment(repo, issue, "/retry", "ada");
    await sut.quiet();
    sut.github.closeIssue(repo, issue, "trudy");
    await sut.quiet();
    const { audit } = sut.runtime.stores;
    const entries = (await audit.page({ adwId }, null, 20)).toReversed();
    const asked = entries.filter(({ source }) => source !== null);
    expect(asked).toMatchObject([
      { action: "run.triggered", actor: "ada", source: "label" },
      { action: "run.cancel_requested", actor: "ada", source: "comment" },
      { action: "run.retry_requested", actor: "ada", source: "comment" },
      { action: "run.cancel_requested", source: "webhook" },
    ]);
    const told = await sut.runtime.database.pool.query<{ id: string }>(
      `SELECT id FROM deliveries WHERE verdict IN ('started', 'moved') AND payload::jsonb #>> '{issue,number}' = $1 ORDER BY received_at`,
      [issue],
    );
    expect(asked.map(({ details }) => details["delivery_id"])).toEqual(
      told.rows.map(({ id }) => id),
    );
  });

  test("keeps its run where the policy says so", async () => {
    await sut.runtime.stores.repositories.change(sut.repository.id, {
      policy: { cancel_on_close: false },
    });
    const { issue, id } = await started();
    sut.github.closeIssue(repo, issue, "ada");
    await sut.quiet();
    expect((await sut.run(id)).state.status).toBe("pending");
  });
});
