import {
  afterEach,
  beforeEach,
  describe,
  expect,
  jest,
  test,
} from "@jest/globals";
import { checkRequests } from "@pullwright/local-github";
import { openGitHub } from "@pullwright/runtime";
import { startTypescript, until, useUpQuota } from "@pullwright/testing";
import { startWebhookGateway } from "@pullwright/webhook-gateway";
import { setTimeout as sleep } from "node:timers/promises";
import { fast, startPolling, type Polling } from "./__fixtures__/polling.js";
import { registerRepositories } from "./register-repositories.js";
import { servePoller, startPoller } from "./start-poller.js";

let polling: Polling;
beforeEach(async () => {
  polling = await startPolling();
});
afterEach(() => polling.close());

const polledTwice = () =>
  until(
    () =>
      polling.polls("events").length >= 2 &&
      polling.polls("comments").length >= 2,
    "two polls",
  );

describe("what no webhook reported", () => {
  test("a label is found, as its webhook would have told it", async () => {
    polling.addPoller();
    await polledTwice();
    polling.server.addLabel("octo/demo", polling.issue, "adw:adw_plan", "octo");
    await until(
      async () => (await polling.rows()).length === 1,
      "the label is recorded",
    );
    const [row] = await polling.rows();
    const event = polling.server.listEvents("octo/demo", polling.issue).at(-1);
    const [repository] = await polling.runtime.stores.repositories.list();
    expect(row).toMatchObject({
      source: "poll",
      event: "issues",
      action: "labeled",
      guid: `poll:${String(repository?.githubId)}:event:${String(event?.id)}`,
    });
    expect(JSON.parse(row?.payload ?? "")).toMatchObject({
      action: "labeled",
      label: { name: "adw:adw_plan" },
      issue: { number: polling.issue },
      repository: { id: repository?.githubId, full_name: "octo/demo" },
      sender: { login: "octo" },
    });
  });

  test("a command is found, ordinary talk and labels of others are passed over", async () => {
    polling.addPoller();
    polling.server.comment(
      "octo/demo",
      polling.issue,
      "I think /adw would be nice here",
      "octo",
    );
    polling.server.comment("octo/demo", polling.issue, "> /adw", "octo");
    polling.server.addLabel(
      "octo/demo",
      polling.issue,
      "pullwright:running",
      "robot",
    );
    const { id } = polling.server.comment(
      "octo/demo",
      polling.issue,
      "/adw adw_plan",
      "octo",
    );
    await until(
      async () => (await polling.rows()).length > 0,
      "the command is recorded",
    );
    await polledTwice();
    const rows = await polling.rows();
    expect(rows).toMatchObject([{ event: "issue_comment", action: "created" }]);
    expect(JSON.parse(rows[0]?.payload ?? "")).toMatchObject({
      comment: { id },
      issue: { number: polling.issue },
    });
  });

  test("an issue's end is found", async () => {
    polling.addPoller();
    polling.server.closeIssue("octo/demo", polling.issue, "octo");
    await until(
      async () => (await polling.rows()).length === 1,
      "the end is recorded",
    );
    expect(await polling.rows()).toMatchObject([
      { event: "issues", action: "closed" },
    ]);
  });

  test("what happened up to an hour before the first poll is found, and each change once", async () => {
    polling.server.addLabel("octo/demo", polling.issue, "adw", "octo");
    polling.server.comment("octo/demo", polling.issue, "/status", "octo");
    polling.addPoller();
    await until(
      async () => (await polling.rows()).length === 2,
      "both are recorded",
    );
    await sleep(3 * fast.intervalMs);
    expect(await polling.rows()).toHaveLength(2);
  });

  test("more than a page is found whole and in order", async () => {
    polling.addPoller();
    await polledTwice();
    for (let index = 0; index < 120; index += 1) {
      polling.server.addLabel("octo/demo", polling.issue, "adw", "octo");
      polling.server.removeLabel("octo/demo", polling.issue, "adw", "octo");
    }
    await until(
      async () => (await polling.rows()).length === 240,
      "all are recorded",
    );
    const guids = (await polling.rows()).map(({ guid }) =>
      Number(guid.split(":").at(-1)),
    );
    expect(guids).toEqual([...guids].sort((a, b) => a - b));
  });
});

test("whoever waits for its start finds the configured repositories registered", async () => {
  const { runtime } = polling;
  await startPoller(runtime, openGitHub(runtime));
  const registered = await runtime.stores.repositories.list();
  expect(registered.map(({ name }) => name)).toEqual(["demo"]);
});

/** Registers the repository, and where a poller left it. */
async function registered(
  positions: Readonly<Record<string, { cursor: string; polledAt: Date }>>,
): Promise<string> {
  const { stores } = polling.runtime;
  await registerRepositories(["octo/demo"], {
    ...polling.runtime,
    github: openGitHub(polling.runtime),
    repositories: stores.repositories,
    signal: new AbortController().signal,
  }).done;
  const [repository] = await stores.repositories.list();
  const id = repository?.id ?? "";
  for (const [feed, position] of Object.entries(positions))
    await stores.feeds.save(id, feed, {
      etag: null,
      nextPollAt: new Date(),
      failures: 0,
      toldAt: null,
      untoldAt: null,
      ...position,
    });
  return id;
}

const lastEvent = () =>
  polling.server.listEvents("octo/demo", polling.issue).at(-1);

describe("of what happened while nobody polled for hours", () => {
  const hoursAgo = (hours: number) => Date.now() - hours * 3_600_000;
  const asked = (at: number) => {
    const { server, issue } = polling;
    const clock = jest.spyOn(Date, "now").mockReturnValue(at);
    server.addLabel("octo/demo", issue, "adw", "octo");
    server.removeLabel("octo/demo", issue, "adw", "octo");
    server.comment("octo/demo", issue, "/adw", "octo");
    clock.mockRestore();
  };

  test.each([
    ["all is found after an outage", false, 2],
    ["the last hour is found where it was switched off", true, 1],
  ])("%s", async (_what, isSwitchedOff, found) => {
    const polledAt = new Date(hoursAgo(3));
    polling.server.addLabel("octo/demo", polling.issue, "noise", "octo");
    const id = await registered({
      issue_events: { cursor: String(lastEvent()?.id), polledAt },
      comments: { cursor: polledAt.toISOString(), polledAt },
    });
    const { repositories } = polling.runtime.stores;
    if (isSwitchedOff) await repositories.change(id, { enabled: false });
    asked(hoursAgo(2));
    asked(hoursAgo(0.5));
    if (isSwitchedOff) await repositories.change(id, { enabled: true });
    polling.addPoller();
    await polledTwice();
    const actions = (await polling.rows()).map(({ action }) => action);
    const times = (action: string) =>
      actions.filter((one) => one === action).length;
    expect(times("labeled")).toBe(found);
    expect(times("created")).toBe(found);
  });
});

describe("where the server has no list of all events", () => {
  const lose = (status: number) =>
    polling.server.faults.add({
      kind: "status",
      status,
      match: { method: "GET", path: /demo\/issues\/events/ },
    });
  const labelled = () => {
    const { server, issue } = polling;
    server.addLabel("octo/demo", issue, "adw", "octo");
    return String(lastEvent()?.id);
  };
  const found = async () =>
    (await polling.rows()).map(({ guid }) => guid.split(":").at(-1));

  test.each([404, 410])(
    "a label is found on its issue, once and in the list's own words (%s)",
    async (status) => {
      lose(status);
      const early = labelled();
      polling.addPoller();
      await until(async () => (await found()).length === 1, "the first");
      await until(() => polling.polls().length >= 3, "more polls");
      polling.server.removeLabel("octo/demo", polling.issue, "adw", "octo");
      const late = labelled();
      await until(async () => (await found()).length === 2, "the second");
      expect(await found()).toEqual([early, late]);
      // No backoff: a poll that finds its way is no failure.
      const { rows } = await polling.runtime.database.pool.query(
        "SELECT failures FROM feeds WHERE feed = 'issue_events'",
      );
      expect(rows).toEqual([{ failures: 0 }]);
    },
  );

  test("the list goes on where it was left, should it come back", async () => {
    polling.server.addLabel("octo/demo", polling.issue, "noise", "octo");
    const cursor = String(lastEvent()?.id);
    await registered({ issue_events: { cursor, polledAt: new Date() } });
    lose(404);
    const id = labelled();
    polling.addPoller();
    await until(async () => (await found()).length === 1, "the label");
    polling.server.closeIssue("octo/demo", polling.issue, "octo");
    await until(() => polling.polls().length >= 3, "more polls");
    polling.server.faults.clear();
    await until(async () => (await found()).length === 2, "the end");
    expect(await found()).toEqual([id, String(lastEvent()?.id)]);
  });

  test("what was labelled before the look back stays where it is, though its issue changes", async () => {
    lose(404);
    const clock = jest
      .spyOn(Date, "now")
      .mockReturnValue(Date.now() - 2 * 3_600_000);
    labelled();
    clock.mockRestore();
    polling.addPoller();
    await until(() => polling.polls().length >= 2, "two polls");
    polling.server.comment("octo/demo", polling.issue, "Any news?", "octo");
    const asked = polling.polls().length;
    await until(() => polling.polls().length >= asked + 2, "more polls");
    expect(await found()).toEqual([]);
  });
});

describe("after a gap in which more happened than the list of events gives", () => {
  /** Begins where a poller stopped after what has happened so far. */
  const beginHere = () => {
    const cursor = String(lastEvent()?.id);
    return registered({ issue_events: { cursor, polledAt: new Date() } });
  };
  const openIssue = (title: string) =>
    polling.server.createIssue({ repo: "octo/demo", title, author: "octo" })
      .number;
  const beBusy = (events: number) => {
    const busy = openIssue("Busy");
    for (let index = 0; index < events / 2; index += 1) {
      polling.server.addLabel("octo/demo", busy, "noise", "octo");
      polling.server.removeLabel("octo/demo", busy, "noise", "octo");
    }
  };

  test.each([
    { limit: "we read", events: 1_100 },
    { limit: "GitHub reads", events: 300, refusedFrom: 2 },
  ])(
    "what asks for a run is found on the issues, and nothing older ($limit)",
    async ({ events, refusedFrom }) => {
      const { server } = polling;
      server.addLabel("octo/demo", polling.issue, "adw", "octo");
      await beginHere();
      for (let index = 0; index < 100; index += 1) openIssue("Other");
      const wanted = openIssue("Wanted");
      server.addLabel("octo/demo", wanted, "adw:adw_plan", "octo");
      const closed = openIssue("Closed");
      server.addLabel("octo/demo", closed, "adw", "octo");
      server.closeIssue("octo/demo", closed, "octo");
      beBusy(events);
      const late = openIssue("Late");
      server.addLabel("octo/demo", late, "adw", "octo");
      if (refusedFrom !== undefined)
        server.faults.add({
          kind: "status",
          status: 422,
          match: { path: new RegExp(`issues/events.*&page=${refusedFrom}`) },
        });
      polling.addPoller();
      await until(
        async () => (await polling.rows()).length > 0,
        "labels are found",
      );
      await until(() => polling.polls().at(-1)?.status === 304, "all is read");
      const found = (await polling.rows()).map(({ action, payload }) => {
        const { issue } = JSON.parse(payload) as { issue: { number: number } };
        return `${action} ${issue.number.toString()}`;
      });
      expect(found).toEqual([
        `labeled ${wanted.toString()}`,
        `labeled ${late.toString()}`,
      ]);
      // The list of issues is asked for here alone; to check a thousand events again would take long.
      const lists = server
        .requests()
        .filter(({ apiPath }) => apiPath === "/repos/octo/demo/issues");
      expect(lists.length).toBeGreaterThanOrEqual(2);
      expect(checkRequests(lists)).toEqual([]);
    },
  );

  test("a command is found behind a thousand comments", async () => {
    const talk = (comments: number) => {
      for (let index = 0; index < comments; index += 1)
        polling.server.comment("octo/demo", polling.issue, "Talk", "octo");
    };
    talk(600);
    await sleep(1_100); // The feed goes on from second to second, and people do not write a thousand comments in one.
    talk(450);
    polling.server.comment("octo/demo", polling.issue, "/status", "octo");
    polling.addPoller();
    await until(
      async () => (await polling.rows()).length === 1,
      "the command is recorded",
    );
    expect(await polling.rows()).toMatchObject([{ event: "issue_comment" }]);
  });
});

test("webhook and poll tell of the same act; both are recorded, each under its own name", async () => {
  const gateway = await startWebhookGateway(polling.runtime);
  polling.server.createWebhook("octo/demo", {
    url: `${gateway.url}/webhooks/github`,
    secret: "a webhook secret",
  });
  polling.addPoller();
  polling.server.addLabel("octo/demo", polling.issue, "adw", "octo");
  const labelled = async () =>
    (await polling.rows()).filter(({ action }) => action === "labeled");
  await until(async () => (await labelled()).length === 2, "both are recorded");
  const [first, second] = await labelled();
  expect(new Set([first?.source, second?.source])).toEqual(
    new Set(["webhook", "poll"]),
  );
  const factsOf = (payload = "") => {
    const { issue, label, repository } = JSON.parse(payload) as Record<
      string,
      Record<string, unknown>
    >;
    return [issue?.["number"], label?.["name"], repository?.["id"]];
  };
  expect(factsOf(first?.payload)).toEqual(factsOf(second?.payload));
});

describe("the rate", () => {
  test("is one poll per interval for a feed, however many pollers there are", async () => {
    for (let index = 0; index < 5; index += 1) polling.addPoller();
    for (const feed of ["events", "comments"] as const) {
      await until(() => polling.polls(feed).length > 8, "nine polls");
      const times = polling.polls(feed).map(({ atMs }) => atMs);
      // The first may have come late by itself; five pollers that each kept a rhythm would need two intervals.
      expect((times[8] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(
        7 * fast.intervalMs,
      );
    }
  });

  test("costs no quota while nothing happens", async () => {
    polling.addPoller();
    await until(
      () =>
        polling.polls("events").length >= 4 &&
        polling.polls("comments").length >= 4,
      "some polls",
    );
    expect(polling.polls("events").map(({ status }) => status)).toEqual([
      200,
      ...polling
        .polls("events")
        .slice(1)
        .map(() => 304),
    ]);
    expect(
      polling
        .polls("comments")
        .slice(1)
        .every(({ status }) => status === 304),
    ).toBe(true);
  });

  test("stays away from GitHub until its limit is over", async () => {
    polling.addPoller();
    await polledTwice();
    polling.server.faults.add({
      kind: "rate_limit_secondary",
      retryAfterSeconds: 2,
      times: 1,
      match: { path: /issues\/events/ },
    });
    await until(
      () =>
        polling.polls().some(({ status }) => status === 403 || status === 429),
      "the limit",
    );
    const limitedAtMs = polling.polls().at(-1)?.atMs ?? 0;
    await until(
      () => polling.polls().at(-1)?.status === 304,
      "polling goes on",
    );
    const next = polling.polls().find(({ atMs }) => atMs > limitedAtMs);
    expect((next?.atMs ?? 0) - limitedAtMs).toBeGreaterThanOrEqual(1_900);
  });

  test("ends while what is left of the quota is kept for what people ask", async () => {
    await polling.close();
    const rateLimit = 100;
    polling = await startPolling({}, "token", rateLimit);
    polling.addPoller();
    await polledTwice();
    const { server, environment } = polling;
    await useUpQuota(
      `${server.apiUrl}/repos/octo/demo`,
      environment["GITHUB_TOKEN"] ?? "",
      0.2 * rateLimit,
    );
    await until(async () => {
      const { body } = await polling.runtime.metrics.render();
      const refused = /poller_polls_total\{[^}]*outcome="rate_limited"/g;
      return body.match(refused)?.length === 2;
    }, "both feeds have learnt it");
    server.clearRequests();
    await sleep(3 * fast.intervalMs);
    expect(server.requests()).toEqual([]);
  });

  test("slows down while GitHub is broken, and nothing is missed", async () => {
    polling.addPoller();
    await polledTwice();
    polling.server.faults.add({ kind: "status", status: 502 });
    polling.server.addLabel("octo/demo", polling.issue, "adw", "octo");
    await sleep(5 * fast.intervalMs);
    const failed = polling
      .polls()
      .filter(({ status }) => status === 502).length;
    expect(failed).toBeGreaterThanOrEqual(1);
    expect(failed).toBeLessThanOrEqual(4);
    polling.server.faults.clear();
    await until(
      async () => (await polling.rows()).length === 1,
      "the label is recorded",
    );
  });

  test.each(["truncate", "reset", "stall"] as const)(
    "survives %s",
    async (kind) => {
      polling.server.addLabel("octo/demo", polling.issue, "adw", "octo");
      polling.server.faults.add({
        kind,
        times: 1,
        stallMs: 3_000,
        match: { path: /issues\/events/ },
      });
      polling.addPoller();
      await until(
        async () => (await polling.rows()).length === 1,
        "the label is recorded",
      );
      const [struck, next] = polling.polls();
      expect(struck).toMatchObject({ fault: kind });
      expect(next).toMatchObject({ status: 200, fault: undefined });
    },
  );
});

describe("the lease", () => {
  /** Until when it is held, by the database's clock. */
  const leaseEnd = async () => {
    const { rows } = await polling.runtime.database.pool.query<{
      lease_until: Date;
    }>("SELECT lease_until FROM leases WHERE name = 'poller'");
    return rows[0]?.lease_until.getTime() ?? 0;
  };

  test("of a poller that was killed is taken over, and not while it lives", async () => {
    // Longer than a busy machine keeps the child waiting.
    const slow = { ...fast, leaseMs: 3_000 };
    const child = startTypescript(
      new URL("./__fixtures__/poller-process.ts", import.meta.url),
      [slow.leaseMs.toString()],
      {
        env: { ...process.env, ...polling.environment },
        stdio: "inherit",
      },
    );
    const ended = new Promise((resolve) => child.once("exit", resolve));
    try {
      await until(() => polling.polls().length >= 2, "the child polls");
      const successor = polling.addPoller(slow);
      const end = await leaseEnd();
      await until(
        async () => (await leaseEnd()) > end,
        "the child has renewed its lease",
      );
      expect(successor.isHolder).toBe(false);
      child.kill("SIGKILL");
      await until(() => successor.isHolder, "the successor polls");
    } finally {
      child.kill("SIGKILL");
      await ended;
    }
  });

  test("is handed over at once by a poller that stops", async () => {
    // Longer than anybody waits here for its end.
    const slow = { ...fast, leaseMs: 60_000 };
    const first = polling.addPoller(slow);
    await until(() => first.isHolder, "the first polls");
    await first.stop();
    const second = polling.addPoller(slow);
    await until(() => second.isHolder, "the second polls");
    expect(first.isHolder).toBe(false);
  });

  test("is given up by a poller that Postgres does not hear any more", async () => {
    const poller = polling.addPoller();
    await polledTwice();
    polling.link.freeze();
    await until(() => !poller.isHolder, "it stops");
    polling.server.clearRequests();
    await sleep(2 * fast.intervalMs);
    expect(polling.polls()).toHaveLength(0);
    polling.link.thaw();
    await until(() => polling.polls().length > 0, "it polls again", 15_000);
  });
});

describe("the cursor", () => {
  test("moves only when the rows are in: what Postgres refused is found again", async () => {
    polling.addPoller();
    await polledTwice();
    const takeAgain = await polling.refuseDeliveries();
    polling.server.clearRequests();
    polling.server.addLabel("octo/demo", polling.issue, "adw", "octo");
    const readings = () =>
      polling.polls().filter(({ status }) => status === 200);
    await until(() => readings().length >= 3, "the label is read in vain");
    expect(await polling.rows()).toEqual([]);
    await takeAgain();
    await until(
      async () => (await polling.rows()).length === 1,
      "the label is recorded",
    );
  });

  test("outlives an outage of Postgres: what happened meanwhile is found", async () => {
    polling.addPoller();
    await polledTwice();
    await polling.link.cut();
    polling.server.addLabel("octo/demo", polling.issue, "adw", "octo");
    await sleep(2 * fast.intervalMs);
    await polling.link.restore();
    await until(
      async () => (await polling.rows()).length === 1,
      "the label is recorded",
      15_000,
    );
  });

  test("outlives the process", async () => {
    const first = polling.addPoller();
    polling.server.addLabel("octo/demo", polling.issue, "adw", "octo");
    await until(
      async () => (await polling.rows()).length === 1,
      "the label is recorded",
    );
    await polledTwice();
    await first.stop();
    polling.server.clearRequests();
    polling.addPoller();
    await until(() => polling.polls().length > 0, "the second polls");
    expect(polling.polls()[0]?.status).toBe(304);
  });
});

describe("repositories", () => {
  test("of the configuration are registered once GitHub is there", async () => {
    polling.server.faults.add({
      kind: "status",
      status: 503,
      times: 1,
      match: { path: /^\/repos\/octo\/demo$/ },
    });
    polling.addPoller();
    await until(
      async () =>
        (await polling.runtime.stores.repositories.list()).length === 1,
      "it is registered",
    );
    expect(await polling.runtime.stores.repositories.list()).toMatchObject([
      { owner: "octo", name: "demo", defaultBranch: "main", enabled: true },
    ]);
  });

  test("that are switched off are not polled", async () => {
    polling.addPoller();
    await polledTwice();
    const [repository] = await polling.runtime.stores.repositories.list();
    await polling.runtime.stores.repositories.change(repository?.id ?? "", {
      enabled: false,
    });
    await sleep(fast.intervalMs);
    polling.server.clearRequests();
    await sleep(2 * fast.intervalMs);
    expect(polling.polls()).toHaveLength(0);
  });
});

test("alone it serves health and metrics", async () => {
  const { url } = await servePoller(polling.runtime);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  expect((await fetch(`${url}/metrics`)).status).toBe(401);
  await polling.runtime.stores.apiKeys.store({
    key: "pw_poller-key",
    name: "spec",
    scopes: ["read"],
  });
  const metrics = await fetch(`${url}/metrics`, {
    headers: { authorization: "Bearer pw_poller-key" },
  });
  expect(await metrics.text()).toContain("pullwright_poller_is_holder");
});
