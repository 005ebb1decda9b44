import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { openGitHub } from "@pullwright/runtime";
import { startOrchestrator } from "@pullwright/orchestrator";
import { until } from "@pullwright/testing";
import { startWebhookGateway } from "@pullwright/webhook-gateway";
import { setTimeout as sleep } from "node:timers/promises";
import { fast, startPolling, type Polling } from "../__fixtures__/polling.js";
import { createPollerMetrics } from "../poller-metrics.js";
import { registerRepositories } from "../register-repositories.js";
import { HookLogPoller } from "./hook-log-poller.js";

const repo = "octo/demo";
const secret = "a webhook secret";

let polling: Polling;
beforeEach(async () => {
  polling = await startPolling();
  polling.server.setCollaborator(repo, "robot", "admin");
});
afterEach(() => polling.close());

/** Of what people asked for; our own labels are told of too. */
const labelled = async (source: string) =>
  (await polling.rows()).filter(
    ({ action, payload, source: from }) =>
      from === source &&
      action === "labeled" &&
      !payload.includes('"name":"pullwright:'),
  );
const logReadings = () =>
  polling.server
    .requests()
    .filter(({ apiPath }) => /\/hooks\/\d+\/deliveries$/.test(apiPath ?? ""));
/** A webhook whose gateway is away: every delivery fails and is logged. */
const hookToNowhere = () =>
  polling.server.createWebhook(repo, {
    url: "http://127.0.0.1:9/webhooks/github",
    secret,
  });
/** How far the repository's log was read. */
const position = async () => {
  const [repository] = await polling.runtime.stores.repositories.list();
  return polling.runtime.stores.hookLogs.get(repository?.id ?? "");
};
/** Adds failed tries that nobody wants to the log. */
const pad = (hookId: number, tries: number) => {
  const { server } = polling;
  const ping = server.deliveries(hookId).find(({ event }) => event === "ping");
  server.webhooks.control({ kind: "drop", match: { event: "ping" } });
  for (let index = 0; index < tries; index += 1)
    server.redeliver(hookId, ping?.id ?? 0);
};
const label = async (name = "adw") => {
  polling.server.addLabel(repo, polling.issue, name, "octo");
  await polling.server.settled();
};

describe("a webhook that failed", () => {
  test("while nobody polled is taken from the log at the start, as it was sent, and once", async () => {
    const hook = hookToNowhere();
    await label();
    polling.addPoller();
    await until(
      async () => (await labelled("hook_log")).length > 0,
      "it is taken",
    );
    const sent = polling.server
      .deliveries(hook.id)
      .find(({ action }) => action === "labeled");
    const [row] = await labelled("hook_log");
    expect(row).toMatchObject({ guid: sent?.guid, event: "issues" });
    expect(JSON.parse(row?.payload ?? "")).toEqual(sent?.request.payload);
    // Another poller begins, and reads the same part of the log again.
    polling.server.clearRequests();
    await polling.pollers[0]?.stop();
    polling.addPoller();
    await until(() => logReadings().length > 0, "the log is read again");
    await sleep(2 * fast.intervalMs);
    expect(await labelled("hook_log")).toHaveLength(1);
  });

  test("amid the polling is taken once a poll has found what it would have told", async () => {
    polling.addPoller();
    await until(() => polling.polls().length >= 2, "two polls");
    hookToNowhere();
    await label();
    await until(
      async () => (await labelled("hook_log")).length === 1,
      "it is taken",
    );
    expect(await labelled("poll")).toHaveLength(1);
  });

  test("and was delivered again is not taken", async () => {
    const gateway = await startWebhookGateway(polling.runtime);
    const hook = polling.server.createWebhook(repo, {
      url: `${gateway.url}/webhooks/github`,
      secret,
    });
    await polling.server.settled();
    polling.server.webhooks.control({
      kind: "drop",
      times: 1,
      match: { action: "labeled" },
    });
    await label();
    const failed = polling.server
      .deliveries(hook.id)
      .find(({ action }) => action === "labeled");
    polling.server.redeliver(hook.id, failed?.id ?? 0);
    await polling.server.settled();
    polling.addPoller();
    await until(() => logReadings().length > 0, "the log is read");
    await sleep(2 * fast.intervalMs);
    expect(await labelled("hook_log")).toHaveLength(0);
    expect(await labelled("webhook")).toHaveLength(1);
  });

  test("leads to one run when the log, a poll and a late redelivery all tell of it", async () => {
    const gateway = await startWebhookGateway(polling.runtime);
    const hook = polling.server.createWebhook(repo, {
      url: `${gateway.url}/webhooks/github`,
      secret,
    });
    polling.server.webhooks.control({
      kind: "drop",
      match: { event: "issues" },
    });
    await label("adw:adw_plan");
    polling.server.webhooks.clear();
    await startOrchestrator(polling.runtime, openGitHub(polling.runtime));
    polling.addPoller();
    await until(
      async () =>
        (await labelled("hook_log")).length === 1 &&
        (await labelled("poll")).length === 1,
      "both have found it",
    );
    const failed = polling.server
      .deliveries(hook.id)
      .find(({ action }) => action === "labeled");
    polling.server.redeliver(hook.id, failed?.id ?? 0);
    await polling.server.settled();
    const { deliveryQueries, runQueries } = polling.runtime.stores;
    await until(async () => {
      const found = await deliveryQueries.list({ limit: 50 });
      return found.every(({ verdict }) => verdict !== null);
    }, "all are handled");
    expect((await runQueries.list({ limit: 10 })).total).toBe(1);
    expect(
      await deliveryQueries.list({ limit: 9, verdict: "started" }),
    ).toHaveLength(1);
    expect(await labelled("webhook")).toHaveLength(0); // The same GUID is the same row.
  });

  test("of an App is taken from the App's own log", async () => {
    await polling.close();
    polling = await startPolling({}, "app");
    await label();
    polling.addPoller();
    await until(
      async () => (await labelled("hook_log")).length === 1,
      "it is taken",
    );
    expect(
      polling.server
        .requests()
        .some(({ apiPath }) => apiPath === "/app/hook/deliveries"),
    ).toBe(true);
  });
});

describe("a long log", () => {
  const newReader = (maxPages?: number) => {
    const { metrics, ...parts } = polling.runtime;
    const reader = new HookLogPoller({
      ...parts,
      github: openGitHub(polling.runtime),
      metrics: createPollerMetrics(metrics, () => true),
      tryAgainMs: 0,
      ...(maxPages === undefined ? {} : { maxPages }),
    });
    reader.suspectAll();
    return async (mayGoOn = () => true) => {
      const { stores } = polling.runtime;
      const watched = await stores.repositories.list();
      await reader.readSuspects(watched, new Date(), mayGoOn);
    };
  };
  const register = () =>
    registerRepositories([repo], {
      ...polling.runtime,
      github: openGitHub(polling.runtime),
      repositories: polling.runtime.stores.repositories,
      signal: new AbortController().signal,
    }).done;

  test("is read to where it was known, past a thousand tries", async () => {
    const hook = hookToNowhere();
    await label();
    pad(hook.id, 1_100);
    polling.addPoller();
    await until(
      async () => (await position())?.readUntil != null,
      "the log is read",
    );
    expect(await labelled("hook_log")).toHaveLength(1);
  });

  test("that is longer than a reading does not count as read, says so, and is left alone for a while", async () => {
    const hook = hookToNowhere();
    await label();
    pad(hook.id, 250);
    await register();
    const read = newReader(2);
    await read();
    expect(await position()).toMatchObject({
      readUntil: null,
      trouble: expect.stringContaining("more than one reading takes"),
    });
    expect(logReadings().length).toBe(2);
    await read();
    expect(logReadings().length).toBe(2);
    await newReader()();
    expect(await position()).toMatchObject({ trouble: null });
    expect(await labelled("hook_log")).toHaveLength(1);
  });

  test("goes on to be suspect when its reader has to stop", async () => {
    const hook = hookToNowhere();
    await label();
    pad(hook.id, 250);
    await register();
    const read = newReader();
    let looks = 0;
    await read(() => (looks += 1) <= 2);
    expect(logReadings().length).toBe(1);
    expect(await position()).toBeNull();
    await read();
    expect(await labelled("hook_log")).toHaveLength(1);
  });
});

describe("a log whose payloads make trouble", () => {
  /** The label's failed delivery and the later comment's, of which the given one is answered with this status. */
  const twoFailed = async (
    struck: "issues" | "issue_comment",
    status: number,
  ) => {
    const hook = hookToNowhere();
    await label();
    polling.server.comment(repo, polling.issue, "Just talk", "octo");
    await polling.server.settled();
    const failed = polling.server
      .deliveries(hook.id)
      .find(({ event, action }) => event === struck && action !== "opened");
    polling.server.faults.add({
      kind: "status",
      status,
      match: { path: new RegExp(`deliveries/${String(failed?.id)}$`) },
    });
    polling.addPoller();
  };
  const taken = async () =>
    (await polling.rows())
      .filter(({ source }) => source === "hook_log")
      .map(({ event }) => event);

  test("is read all the same where one is gone", async () => {
    await twoFailed("issues", 404);
    await until(
      async () => (await position())?.readUntil != null,
      "the log is read",
    );
    expect(await taken()).toEqual(["issue_comment"]);
    expect(await position()).toMatchObject({ trouble: null });
  });

  test("has given what came before, and is read again", async () => {
    await twoFailed("issue_comment", 502);
    await until(async () => (await position())?.trouble != null, "it is told");
    expect(await taken()).toEqual(["issues"]);
    polling.server.faults.clear();
    await until(async () => (await taken()).length === 2, "both are taken");
  });
});

test("what the gateway refused while Postgres was away is taken from the log, though no feed tells of it", async () => {
  const gateway = await startWebhookGateway(polling.runtime);
  const hook = polling.server.createWebhook(repo, {
    url: `${gateway.url}/webhooks/github`,
    secret,
  });
  await polling.server.settled();
  // A lease that outlasts the outage: no new holder begins with all logs suspect.
  polling.addPoller({ ...fast, leaseMs: 30_000 });
  await until(
    async () => (await position())?.readUntil != null,
    "the log is read at the start",
  );
  await polling.link.cut();
  polling.server.editIssue(repo, polling.issue, { body: "Still" }, "octo");
  await polling.server.settled();
  await sleep(fast.intervalMs);
  await polling.link.restore();
  const [refused] = polling.server.deliveries(hook.id).slice(-1);
  expect(refused).toMatchObject({ action: "edited", status_code: 503 });
  const found = async () =>
    (await polling.rows()).filter(({ source }) => source !== "webhook");
  await until(async () => (await found()).length > 0, "it is taken", 15_000);
  expect(await found()).toMatchObject([
    { source: "hook_log", event: "issues", guid: refused?.guid },
  ]);
});

describe("a log that is not open to us", () => {
  test("is asked for once, and the polls go on", async () => {
    polling.server.setCollaborator(repo, "robot", "write");
    hookToNowhere();
    await label();
    polling.addPoller();
    await until(
      async () => (await labelled("poll")).length === 1,
      "the poll finds it",
    );
    await until(() => polling.polls().length >= 4, "polls go on");
    const asked = polling.server
      .requests()
      .filter(({ apiPath }) => apiPath?.endsWith("/hooks"));
    expect(asked).toHaveLength(1);
    const [repository] = await polling.runtime.stores.repositories.list();
    expect(
      await polling.runtime.stores.hookLogs.get(repository?.id ?? ""),
    ).toMatchObject({ readUntil: null });
  });
});

describe("the rate", () => {
  test("is rare while webhooks tell what polls find, and each interval again once one is lost", async () => {
    const gateway = await startWebhookGateway(polling.runtime);
    polling.server.createWebhook(repo, {
      url: `${gateway.url}/webhooks/github`,
      secret,
    });
    polling.addPoller({ ...fast, rareMs: 4_000 });
    await until(() => polling.polls().length >= 2, "two polls");
    await label();
    const nextPollInMs = async () => {
      const [repository] = await polling.runtime.stores.repositories.list();
      const feed = await polling.runtime.stores.feeds.get(
        repository?.id ?? "",
        "issue_events",
      );
      return feed?.polledAt
        ? feed.nextPollAt.getTime() - feed.polledAt.getTime()
        : 0;
    };
    await until(async () => (await nextPollInMs()) > 3_000, "polls are rare");
    polling.server.webhooks.control({ kind: "lose" });
    polling.server.removeLabel(repo, polling.issue, "adw", "octo");
    await label();
    await until(
      async () => (await nextPollInMs()) <= fast.intervalMs,
      "polls are frequent",
    );
    expect(await labelled("poll")).toHaveLength(2);
  });
});
