import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { KillPoint } from "@pullwright/platform";
import { until } from "@pullwright/testing";
import { diligent } from "../rig/director.js";
import type { Rig } from "../rig/rig.js";
import { BOT, PERSON, REPOSITORY } from "../rig/surroundings.js";

/** What led a service to a kill point, and where the run of the issue must arrive all the same. */
export interface Provoked {
  readonly issue: number;
  readonly end: "completed" | "cancelled";
}

/** What makes a service come to a kill point: a plain run comes to most of them. */
export function provocationsFor(
  rig: Rig,
): (point: KillPoint) => Promise<Provoked> {
  const endless = new Set<number>();
  rig.director.follow((turn) =>
    endless.has(turn.issueNumber) && turn.phase === "build" && turn.turn === 1
      ? ["hang"]
      : diligent(turn),
  );

  /** A run whose agent works until somebody ends it. */
  const hanging = async () => {
    const issue = rig.ask();
    endless.add(issue);
    await until(
      () => rig.director.turns.some(({ issueNumber }) => issueNumber === issue),
      `the agent of #${issue.toString()} begins`,
      60_000,
    );
    return issue;
  };

  const byApi = async () => {
    const { number } = rig.github.createIssue({
      repo: REPOSITORY,
      title: "Something to do",
      body: "Please do it.",
      author: PERSON,
    });
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
    await until(
      async () => (await rig.runOf(issue)) !== undefined,
      `the webhook's log tells of #${issue.toString()}`,
      120_000,
    );
    rig.github.webhooks.clear();
    rig.github.faults.clear();
    return issue;
  };

  return async (point) => {
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
      case "runner.stop-heard":
        return { issue: await cancelByApi(), end: "cancelled" };
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
async function insist(rig: Rig, path: string, body: object): Promise<void> {
  const headers = { "idempotency-key": randomUUID() };
  for (;;) {
    const answer = await rig
      .api(path, { method: "POST", body, headers })
      .catch(() => null);
    if (answer !== null && answer.status < 500) return;
    await sleep(200);
  }
}
