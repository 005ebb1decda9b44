import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { KillPoint } from "@pullwright/platform";
import { until } from "@pullwright/testing";
import { diligent, type AgentScript } from "../rig/director.js";
import type { Random } from "../rig/random.js";
import type { Rig } from "../rig/rig.js";
import type { ServiceProcess } from "../rig/service-process.js";
import { BOT, PERSON, REPOSITORY } from "../rig/surroundings.js";

/** More than the slots of a runner. */
const CROWD = 8;

/** What led a service to a kill point, and where the run of the issue must arrive all the same. */
export interface Provoked {
  readonly issue: number;
  readonly end: "completed" | "cancelled";
}

/** What an agent that is served says while it works. */
const served = `say ${JSON.stringify({
  type: "usage",
  scope: "step",
  usage: { input_tokens: 100, output_tokens: 10, cost_usd: 0.01 },
})}`;

/** Long enough for some heartbeats. */
const WORKS_MS = 3_000;
/** After it the provider of an agent that was refused answers again. */
const QUOTA_BACK_MS = 4_000;

const refused = () => [
  `say ${JSON.stringify({
    type: "finished",
    outcome: "failed",
    error: {
      class: "rate_limit",
      message: "Out of tokens.",
      resume_at: new Date(Date.now() + QUOTA_BACK_MS).toISOString(),
    },
  })}`,
  "exit 0",
];

/** What makes a service come to a kill point: a plain run comes to most of them. */
export function provocationsFor(
  rig: Rig,
  random: Random,
): (point: KillPoint, victim: ServiceProcess) => Promise<Provoked> {
  /** What an issue's agent does in some turn of building, where that is not the usual. */
  const unusual = new Map<number, AgentScript>();
  rig.director.follow(async (turn) => {
    const steps =
      turn.phase === "build"
        ? await unusual.get(turn.issueNumber)?.(turn)
        : undefined;
    return steps === undefined || steps.length === 0 ? diligent(turn) : steps;
  });

  /** A run whose agent does this in its first turn of building, or in another one. */
  const asked = (
    steps: () => readonly string[] | Promise<readonly string[]>,
    workflow?: string,
    inTurn = 1,
  ) => {
    const issue = rig.ask(workflow);
    unusual.set(issue, ({ turn }) => (turn === inTurn ? steps() : []));
    return issue;
  };

  const begun = (issue: number, inTurn = 1) =>
    until(
      () =>
        rig.director.turns.some(
          ({ issueNumber, phase, turn }) =>
            issueNumber === issue && phase === "build" && turn === inTurn,
        ),
      `the agent of #${issue.toString()} begins`,
      60_000,
    );

  /** A run whose agent works until somebody ends it. */
  const hanging = async () => {
    const issue = asked(() => ["hang"]);
    await begun(issue);
    return issue;
  };

  const unlabelled = () =>
    rig.github.createIssue({
      repo: REPOSITORY,
      title: "Something to do",
      body: "Please do it.",
      author: PERSON,
    }).number;

  const byApi = async () => {
    const number = unlabelled();
    await insist(rig, "/api/workflows/trigger", {
      issue_number: number,
      workflow: "adw_build",
    });
    return number;
  };

  const cancelByApi = async () => {
    const issue = await hanging();
    const run = await rig.runOf(issue);
    await insist(rig, `/api/workflows/${run?.adwId ?? ""}/cancel`, {});
    return issue;
  };

  const cancelByComment = async () => {
    const issue = await hanging();
    rig.github.comment(REPOSITORY, issue, "/cancel", PERSON);
    return issue;
  };

  const closeIssue = async () => {
    const issue = await hanging();
    rig.github.closeIssue(REPOSITORY, issue, PERSON);
    return issue;
  };

  /** The pull request of a run that is at work on it again is taken as it is. */
  const mergeByHand = async () => {
    const issue = asked(() => ["hang"], "adw_plan_build_test", 2);
    const [run] = await rig.wait([issue]);
    await insist(rig, `/api/workflows/${run?.adwId ?? ""}/retry`, {
      phase: "build",
    });
    await begun(issue, 2);
    const pull = rig.github
      .listPulls(REPOSITORY)
      .find(({ head }) => head.ref === run?.branchName);
    await rig.github.mergePull(REPOSITORY, pull?.number ?? 0, PERSON, "squash");
    return issue;
  };

  const unblock = async () => {
    const [blocker, issue] = [unlabelled(), unlabelled()];
    rig.github.blockIssue(REPOSITORY, issue, blocker);
    rig.github.addLabel(REPOSITORY, issue, "adw:adw_build", PERSON);
    await rig.wait([issue], ["waiting"]);
    rig.github.closeIssue(REPOSITORY, blocker, PERSON);
    return issue;
  };

  const isThere = (issue: number, what: string, withinMs = 60_000) =>
    until(
      async () => (await rig.runOf(issue)) !== undefined,
      `${what} #${issue.toString()}`,
      withinMs,
    );

  /** More phases than the runner has slots, rung while it stands still; and the last of them is to come first. */
  const jumpQueue = async (runner: ServiceProcess) => {
    runner.suspend();
    for (let count = 0; count < CROWD; count += 1) rig.ask();
    const issue = unlabelled();
    rig.github.addLabel(REPOSITORY, issue, "priority:high", PERSON);
    rig.github.addLabel(REPOSITORY, issue, "adw:adw_build", PERSON);
    await isThere(issue, "there is a run of");
    runner.resume();
    return issue;
  };

  /** A budget without room, which gets some once the runner has died of it. */
  const runOutOfBudget = async () => {
    const issue = unlabelled();
    const label = `poor-${issue.toString()}`;
    const budget = (limit: number) =>
      insist(
        rig,
        "/api/budgets",
        {
          scope: "label",
          key: label,
          repository: REPOSITORY,
          limit_usd: limit,
          limit_tokens: null,
        },
        "PUT",
      );
    await budget(0);
    rig.github.addLabel(REPOSITORY, issue, label, PERSON);
    rig.github.addLabel(REPOSITORY, issue, "adw:adw_build", PERSON);
    await rig.wait([issue], ["waiting"]);
    await budget(100);
    return issue;
  };

  /** What a runner cannot record for another reason than that Postgres is away. */
  const failToRecord = async (runner: ServiceProcess) => {
    const armed = runner.pid;
    const issue = rig.ask();
    await isThere(issue, "there is a run of");
    const run = await rig.runOf(issue);
    await rig.postgres.query(`
      CREATE OR REPLACE FUNCTION refuse_result() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'refused by the fault suite'; END $$;
      CREATE TRIGGER refuse_result BEFORE UPDATE ON phase_runs FOR EACH ROW
        WHEN (NEW.status = 'succeeded' AND NEW.workflow_run_id = '${run?.id ?? ""}') EXECUTE FUNCTION refuse_result()`);
    // It may be started again as soon as it has died.
    await until(
      () => runner.pid !== armed,
      "the runner gives the attempt back",
      120_000,
    );
    await rig.postgres.query("DROP TRIGGER refuse_result ON phase_runs");
    return issue;
  };

  /** The base branch moves while the agent works, so that what was pushed is rebased and pushed again. */
  const moveBase = () =>
    asked(async () => {
      await rig.github.commitFiles(
        REPOSITORY,
        "main",
        { [`base-${randomUUID()}.txt`]: "moved\n" },
        { message: "Their own work", author: PERSON },
      );
      return ["edit"];
    });

  const drain = async (runner: ServiceProcess) => {
    const issue = await hanging();
    runner.signal("SIGTERM");
    return issue;
  };

  const emptyRedis = async () => {
    await rig.redisCommand("FLUSHALL");
    return rig.ask();
  };

  const askForStatus = async () => {
    const issue = rig.ask();
    await rig.wait([issue]);
    rig.github.comment(REPOSITORY, issue, "/status", PERSON);
    return issue;
  };

  const loseRunner = async () => {
    const issue = await hanging();
    const runners = rig.fleet.of("agent-runner");
    await Promise.all(runners.map((runner) => runner.restart()));
    return issue;
  };

  /** A label that only the webhook's log tells of: its deliveries fail, and no poll is answered. */
  const failWebhooks = async () => {
    rig.github.setCollaborator(REPOSITORY, BOT, "admin"); // Who may read the log.
    rig.github.faults.add({
      kind: "status",
      status: 502,
      match: { path: `/repos/${REPOSITORY}/issues/events` },
    });
    rig.github.webhooks.control({ kind: "drop" });
    const issue = rig.ask();
    await isThere(issue, "the webhook's log tells of", 120_000);
    rig.github.webhooks.clear();
    rig.github.faults.clear();
    // Each of these outages doubles the pause of the polls, which other points need.
    await rig.postgres.query(
      "UPDATE feeds SET failures = 0, next_poll_at = now()",
    );
    return issue;
  };

  return async (point, victim) => {
    switch (point) {
      case "poller.hook-log-read-not-recorded":
      case "poller.hook-log-recorded-not-rung":
      case "poller.hook-log-rung-position-not-saved":
      case "poller.hook-log-position-saved":
        return { issue: await failWebhooks(), end: "completed" };
      case "api.run-created-not-rung":
      case "api.run-created-not-answered":
        return { issue: await byApi(), end: "completed" };
      case "api.command-recorded-not-rung":
      case "api.command-recorded-not-answered":
        return { issue: await cancelByApi(), end: "cancelled" };
      case "runner.stop-heard":
        return random.pick([true, false])
          ? { issue: await cancelByApi(), end: "cancelled" }
          : { issue: await drain(victim), end: "completed" };
      case "orchestrator.unwanted-cancelled-not-rung":
        return { issue: await closeIssue(), end: "cancelled" };
      case "orchestrator.merged-cancelled-not-noted":
        return { issue: await mergeByHand(), end: "cancelled" };
      case "orchestrator.blockers-seen-not-rung":
        return { issue: await unblock(), end: "completed" };
      case "reconciler.emptied-not-forgotten":
        return { issue: await emptyRedis(), end: "completed" };
      case "runner.turn-given-not-rung":
        return { issue: await jumpQueue(victim), end: "completed" };
      case "runner.unaffordable-not-rung":
        return { issue: await runOutOfBudget(), end: "completed" };
      case "runner.spending-noted": {
        const steps = [served, `sleep ${WORKS_MS.toString()}`, "edit"];
        return { issue: asked(() => steps), end: "completed" };
      }
      case "runner.quota-back-not-told":
      case "runner.quota-back-told":
        return { issue: asked(refused), end: "completed" };
      case "runner.given-back":
        return { issue: await failToRecord(victim), end: "completed" };
      case "runner.prepared-not-pushed":
      case "runner.pushed-not-recorded":
        return { issue: moveBase(), end: "completed" };
      case "orchestrator.command-recorded-not-rung":
        return { issue: await cancelByComment(), end: "cancelled" };
      case "orchestrator.answer-recorded-not-rung":
      case "orchestrator.reply-created-not-recorded":
        return { issue: await askForStatus(), end: "completed" };
      case "runner.next-claimed":
        return { issue: rig.ask("adw_plan_build"), end: "completed" };
      case "reconciler.run-moved-not-rung":
        return { issue: await loseRunner(), end: "completed" };
      default:
        return { issue: rig.ask(), end: "completed" };
    }
  };
}

/** Repeats a request under one key until it is answered, as a good client does: who took it may have died. */
async function insist(
  rig: Rig,
  path: string,
  body: object,
  method = "POST",
): Promise<void> {
  const headers = { "idempotency-key": randomUUID() };
  for (;;) {
    const answer = await rig
      .api(path, { method, body, headers })
      .catch(() => null);
    if (answer !== null && answer.status < 500) return;
    await sleep(200);
  }
}
