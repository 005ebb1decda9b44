import {
  afterAll,
  afterEach,
  beforeAll,
  describe,
  expect,
  test,
} from "@jest/globals";
import { until } from "@pullwright/testing";
import { call, refused } from "../__fixtures__/call.js";
import { listen, type Listener } from "../__fixtures__/listen.js";
import {
  claim,
  fail,
  finish,
  say,
  trigger,
} from "../__fixtures__/played-run.js";
import {
  startApiUnderTest,
  type ApiUnderTest,
} from "../__fixtures__/running-api.js";

let api: ApiUnderTest;
const open: Listener[] = [];
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterEach(() => open.splice(0).forEach((listener) => listener.stop()));
afterAll(() => api.close());

const hear = async (path: string, headers: Record<string, string> = {}) => {
  const listener = await listen(api, path, headers);
  open.push(listener);
  return listener;
};
const logsOf = (adwId: string) => `/api/workflows/${adwId}/logs/stream`;
const eventsOf = (adwId: string) => `/api/workflows/${adwId}/events/stream`;
const seqs = ({ heard }: Listener) =>
  heard.filter(({ event }) => event === undefined).map(({ id }) => Number(id));
const isCancel = (data: unknown) =>
  (data as { type?: string }).type === "cancel_requested";
const upTo = (last: number, first = 1) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

describe("a log stream", () => {
  test("begins with what is in the table, goes on live and ends with the run", async () => {
    const adwId = await trigger(api);
    const claimed = await claim(api, adwId);
    await say(api, adwId, claimed, ["one", "two"]);
    const listener = await hear(logsOf(adwId));
    expect(listener.headers.get("content-type")).toBe(
      "text/event-stream; charset=utf-8",
    );
    await until(() => listener.heard.length === 2, "the lines of the table");
    await say(api, adwId, claimed, ["three"]);
    await until(() => listener.heard.length === 3, "the live line");
    const entries = (await call(api, "getLogs", { params: { adw_id: adwId } }))
      .body.entries;
    expect(listener.heard).toEqual(
      entries.map(({ seq, timestamp, level, phase, message }) => ({
        id: seq.toString(),
        data: { seq, timestamp, level, phase, message },
      })),
    );
    await finish(api, claimed);
    await fail(api, adwId);
    await listener.ended;
    expect(listener.heard.at(-1)).toEqual({
      event: "end",
      data: { adw_id: adwId, status: "failed" },
    });
  });

  test("resumes after Last-Event-ID, which counts more than the address", async () => {
    const adwId = await trigger(api);
    const claimed = await claim(api, adwId);
    await say(api, adwId, claimed, ["a", "b", "c", "d"]);
    const listener = await hear(`${logsOf(adwId)}?after=1`, {
      "last-event-id": "3",
    });
    await until(() => listener.heard.length > 0, "the rest");
    expect(seqs(listener)).toEqual([4]);
  });

  test("has no gap and no double however viewers come while lines are written", async () => {
    const adwId = await trigger(api);
    const claimed = await claim(api, adwId);
    const listeners: Listener[] = [];
    let written = 0;
    for (let round = 0; round < 40; round += 1) {
      const size = 1 + (round % 7) * 40;
      const lines = upTo(size).map((n) => `line ${(written + n).toString()}`);
      await say(api, adwId, claimed, lines);
      written += size;
      if (round % 4 === 0) listeners.push(await hear(logsOf(adwId)));
    }
    await until(
      () => listeners.every(({ heard }) => heard.length >= written),
      "all lines everywhere",
    );
    for (const listener of listeners)
      expect(seqs(listener)).toEqual(upTo(written));
  });

  test("makes good what a lost live event would have brought", async () => {
    const adwId = await trigger(api);
    const claimed = await claim(api, adwId);
    const listener = await hear(logsOf(adwId));
    const silent = (message: string) =>
      api.runtime.stores.logs.append(
        { ...claimed.attempt, adwId, phase: "classify" },
        [{ at: new Date(), level: "INFO", message }],
      );
    await say(api, adwId, claimed, ["heard"]);
    await until(() => listener.heard.length === 1, "the first line, live");
    await silent("not heard");
    await silent("not heard either");
    await say(api, adwId, claimed, ["heard again"]);
    await until(() => listener.heard.length === 4, "all four");
    expect(seqs(listener)).toEqual(upTo(4));
    await silent("nobody will ever tell");
    await until(() => listener.heard.length === 5, "the beat's look", 12_000);
    expect(seqs(listener)).toEqual(upTo(5));
  });

  test("takes doubled, late and overlapping live events for what they are", async () => {
    const adwId = await trigger(api);
    const claimed = await claim(api, adwId);
    const { stores, queues } = api.runtime;
    const append = async (messages: readonly string[]) => {
      const event = await stores.logs.append(
        { ...claimed.attempt, adwId, phase: "classify" },
        messages.map((message) => ({ at: new Date(), level: "INFO", message })),
      );
      if (event?.type !== "log.appended" || event.lines === null)
        throw new Error("the lines were not written");
      return { ...event, lines: event.lines };
    };
    const first = await append(["1", "2", "3"]);
    const listener = await hear(logsOf(adwId));
    await until(() => listener.heard.length === 3, "the lines of the table");
    queues.publish(first);
    queues.publish(first);
    const second = await append(["4", "5", "6"]);
    const [four, five] = second.lines;
    const [, , three] = first.lines;
    if (!three || !four || !five) throw new Error("lines are missing");
    queues.publish({
      ...second,
      fromSeq: 3,
      toSeq: 5,
      lines: [three, four, five],
    });
    await until(() => listener.heard.length >= 5, "what was new");
    queues.publish(second);
    await until(() => seqs(listener).includes(6), "the last line");
    expect(seqs(listener)).toEqual(upTo(6));
  });

  test("of an ended run gives everything and ends", async () => {
    const adwId = await trigger(api);
    const claimed = await claim(api, adwId);
    const many = upTo(1_203).map((n) => `line ${n.toString()}`);
    await say(api, adwId, claimed, many);
    await finish(api, claimed);
    await fail(api, adwId);
    const listener = await hear(logsOf(adwId));
    await listener.ended;
    expect(seqs(listener)).toEqual(upTo(1_203));
    expect(listener.heard.at(-1)?.event).toBe("end");
  });

  test("lets nothing of an agent's output become part of the stream", async () => {
    const adwId = await trigger(api);
    const claimed = await claim(api, adwId);
    const evil = "x\n\nevent: end\ndata: {}\n\n\r\u2028<script>";
    const listener = await hear(logsOf(adwId));
    await say(api, adwId, claimed, [evil]);
    await until(() => listener.heard.length > 0, "the line");
    expect(listener.heard).toMatchObject([
      { id: "1", data: { message: evil } },
    ]);
  });

  test("of an unknown run is a problem", async () => {
    const params = { adw_id: "zzzzzzzz" };
    expect((await refused(api, "streamLogs", { params })).status).toBe(404);
  });
});

describe("an event stream", () => {
  test("tells a run's whole history as it happens", async () => {
    const adwId = await trigger(api);
    const listener = await hear(eventsOf(adwId));
    await fail(api, adwId);
    await listener.ended;
    const { items } = (
      await call(api, "getEvents", { params: { adw_id: adwId } })
    ).body;
    expect(listener.heard.slice(0, -1).map(({ data }) => data)).toEqual(items);
    expect(items.map(({ type }) => type)).toEqual([
      "triggered",
      "phase_claimed",
      "phase_finished",
    ]);
  });

  test("resumes after Last-Event-ID, which counts more than the address", async () => {
    const adwId = await trigger(api);
    await finish(api, await claim(api, adwId));
    await fail(api, adwId);
    const whole = await hear(eventsOf(adwId));
    await whole.ended;
    const told = whole.heard.slice(0, -1);
    expect(told.length).toBeGreaterThan(3);
    const [first, second] = told.map(({ id = "" }) => id);
    const rest = await hear(`${eventsOf(adwId)}?after=${String(first)}`, {
      "last-event-id": String(second),
    });
    await rest.ended;
    expect(rest.heard.slice(0, -1)).toEqual(told.slice(2));
    const addressed = await hear(`${eventsOf(adwId)}?after=${String(first)}`);
    await addressed.ended;
    expect(addressed.heard.slice(0, -1)).toEqual(told.slice(1));
  });
});

describe("a run's two streams", () => {
  test("are looked up each for itself: a busy log hides no lost change", async () => {
    const adwId = await trigger(api);
    const claimed = await claim(api, adwId);
    const log = await hear(logsOf(adwId));
    const events = await hear(eventsOf(adwId));
    await say(api, adwId, claimed, ["beginning"]);
    await until(() => log.heard.length === 1, "all that is told so far");
    const talk = setInterval(
      () => void say(api, adwId, claimed, ["still at it"]),
      500,
    );
    try {
      await api.runtime.stores.transitions.apply(claimed.run.id, {
        event: { type: "cancel_requested", by: "ada", reason: null },
        by: { actor: "ada" },
      });
      await until(
        () => events.heard.some(({ data }) => isCancel(data)),
        "what nobody told",
        12_000,
      );
    } finally {
      clearInterval(talk);
    }
  });
});

describe("the stream of all runs", () => {
  test("beats at once and tells of every change", async () => {
    const listener = await hear("/api/events");
    await until(() => listener.heard.length > 0, "the first beat");
    expect(listener.heard[0]?.data).toMatchObject({ type: "heartbeat" });
    const { ts } = listener.heard[0]?.data as { ts: number };
    expect(Math.abs(ts - Date.now() / 1000)).toBeLessThan(5);
    const adw_id = await trigger(api);
    await until(
      () =>
        listener.heard.some(
          ({ data }) => (data as { adw_id?: string }).adw_id === adw_id,
        ),
      "the change",
    );
  });

  test("tells a bound key of its own runs alone", async () => {
    const repository = "acme/elsewhere";
    const created = await api.github.createRepository({
      owner: "acme",
      name: "elsewhere",
      files: { "README.md": "# elsewhere\n" },
    });
    api.github.setCollaborator(repository, "pullwright-bot", "write");
    const other = await api.runtime.stores.repositories.upsert({
      githubId: created.id,
      owner: "acme",
      name: "elsewhere",
      defaultBranch: "main",
    });
    const hearAs = async (repositoryId: string) =>
      hear("/api/events", {
        authorization: `Bearer ${await api.keyFor(["read"], [repositoryId])}`,
      });
    const mine = await hearAs(api.repository.id);
    const foreign = await hearAs(other.id);
    const changed = ({ heard }: Listener) =>
      heard
        .map(({ data }) => data as { type: string; adw_id: string })
        .filter(({ type }) => type === "run.changed")
        .map(({ adw_id }) => adw_id);
    const ours = await trigger(api);
    await until(() => changed(mine).includes(ours), "the change");
    // What had leaked to the other one would be heard there before its own.
    const { number } = api.github.createIssue({
      repo: repository,
      title: "Elsewhere",
      body: "",
      author: "ada",
    });
    const workflow = "adw_plan_build_test";
    const theirs = await call(api, "triggerWorkflow", {
      body: { issue_number: number, workflow, repository },
    });
    await until(() => changed(foreign).length > 0, "the other's change");
    expect(changed(foreign)[0]).toBe(theirs.body.adw_id);
  });
});
