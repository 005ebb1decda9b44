import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  test,
} from "@jest/globals";
import { at, REPO, startStage, type Stage } from "../spec/stage.js";
import { startReceiver } from "../spec/webhook-receiver.js";

let stage: Stage;
let receiver: Awaited<ReturnType<typeof startReceiver>>;
let hookId: number;

beforeAll(async () => {
  stage = await startStage({ webhookDeliveryTimeoutMs: 300 });
  receiver = await startReceiver("s3cret");
  hookId = stage.github.createWebhook(REPO, {
    url: receiver.url,
    secret: "s3cret",
    events: ["issues", "issue_comment"],
  }).id;
  stage.github.createIssue({ repo: REPO, title: "One", author: "octo" });
});

beforeEach(async () => {
  await stage.github.settled();
  receiver.received.length = 0;
});

afterEach(() => {
  stage.github.webhooks.clear();
  receiver.state.status = 202;
});

afterAll(async () => {
  await stage.close();
  await receiver.close();
});

const say = (body: string) => stage.github.comment(REPO, 1, body, "octo");
const heard = async () => {
  await stage.github.settled();
  return receiver.received.map(
    ({ payload }) => (payload["comment"] as { body: string }).body,
  ); // only comments are said here
};
const lastDelivery = () => stage.github.deliveries(hookId).at(-1);

test("a delivery carries GitHub's headers and a right signature", async () => {
  say("Hello");
  await heard();
  const [one] = receiver.received;
  expect(one?.isSigned).toBe(true);
  expect(one?.headers).toMatchObject({
    "content-type": "application/json",
    "user-agent": expect.stringMatching(/^GitHub-Hookshot\//),
    "x-github-event": "issue_comment",
    "x-github-delivery": expect.stringMatching(
      /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
    ),
    "x-github-hook-id": String(hookId),
    "x-github-hook-installation-target-type": "repository",
  });
});

test("a label is told as one event, and not again when it is there already", async () => {
  stage.github.addLabel(REPO, 1, "adw", "writer");
  stage.github.addLabel(REPO, 1, "ADW", "writer");
  await stage.github.settled();
  expect(receiver.names()).toEqual(["issues.labeled"]);
  expect(receiver.received[0]?.payload).toMatchObject({
    label: { name: "adw" },
    sender: { login: "writer" },
  });
});

test("only the events asked for are sent", async () => {
  await stage.github.commitFiles(
    REPO,
    "main",
    { a: "a" },
    { author: "octo", message: "Push" },
  );
  await stage.github.settled();
  expect(receiver.names()).toEqual([]);
});

test("a dropped delivery is logged as failed, a lost one not at all", async () => {
  const logged = stage.github.deliveries(hookId).length;
  stage.github.webhooks.control({ kind: "drop", times: 1 });
  say("dropped");
  stage.github.webhooks.control({ kind: "lose", times: 1 });
  say("lost");
  say("sent");
  expect(await heard()).toEqual(["sent"]);
  expect(
    stage.github
      .deliveries(hookId)
      .slice(logged)
      .map(({ status_code }) => status_code),
  ).toEqual([502, 202]);
});

test("a doubled delivery comes twice with one GUID", async () => {
  stage.github.webhooks.control({ kind: "double", times: 1 });
  say("twice");
  expect(await heard()).toEqual(["twice", "twice"]);
  expect(new Set(receiver.received.map(({ guid }) => guid)).size).toBe(1);
});

test("a delayed delivery comes later than the next", async () => {
  stage.github.webhooks.control({ kind: "delay", delayMs: 100, times: 1 });
  say("first");
  say("second");
  expect(await heard()).toEqual(["second", "first"]);
});

test("reordered deliveries come last first", async () => {
  stage.github.webhooks.control({ kind: "reorder", count: 3, times: 3 });
  for (const body of ["one", "two", "three"]) say(body);
  expect(await heard()).toEqual(["three", "two", "one"]);
});

test("held deliveries come when they are let go", async () => {
  stage.github.webhooks.control({
    kind: "hold",
    match: { event: "issue_comment" },
  });
  say("held");
  expect(await heard()).toEqual([]);
  stage.github.webhooks.release();
  expect(await heard()).toEqual(["held"]);
});

test("a redelivery has the same GUID and payload and an id of its own", async () => {
  receiver.state.status = 503;
  say("again");
  await heard();
  const failed = lastDelivery();
  expect(failed).toMatchObject({ status_code: 503, redelivery: false });
  receiver.state.status = 202;
  await stage.octokit.rest.repos.redeliverWebhookDelivery({
    ...at,
    hook_id: hookId,
    delivery_id: failed?.id ?? 0,
  });
  expect(await heard()).toEqual(["again", "again"]);
  expect(lastDelivery()).toMatchObject({
    status_code: 202,
    redelivery: true,
    guid: failed?.guid,
  });
  expect(lastDelivery()?.id).toBeGreaterThan(failed?.id ?? 0);
});

test("the log pages by cursor, newest first", async () => {
  for (const body of ["a", "b", "c"]) say(body);
  await heard();
  const first = await stage.octokit.rest.repos.listWebhookDeliveries({
    ...at,
    hook_id: hookId,
    per_page: 2,
  });
  const cursor =
    /cursor=([^&>]+)[^>]*>; rel="next"/.exec(first.headers.link ?? "")?.[1] ??
    "";
  const second = await stage.octokit.rest.repos.listWebhookDeliveries({
    ...at,
    hook_id: hookId,
    per_page: 2,
    cursor,
  });
  const ids = [...first.data, ...second.data].map(({ id }) => id);
  expect(ids).toEqual([...ids].sort((a, b) => b - a));
  expect(new Set(ids).size).toBe(4);
});

test("a receiver that is not there is logged as 502", async () => {
  const closed = await startReceiver("s");
  await closed.close();
  const { id } = stage.github.createWebhook(REPO, {
    url: closed.url,
    events: ["issues"],
  });
  await stage.github.settled();
  expect(stage.github.deliveries(id)).toMatchObject([
    { event: "ping", status_code: 502 },
  ]);
});

test("an App hears of the repositories it is installed on, with its installation", async () => {
  const app = stage.github.createApp({
    name: "Ears",
    owner: "octo",
    permissions: {},
    events: ["issues"],
    webhookUrl: receiver.url,
    webhookSecret: "s3cret",
  });
  const { installationId } = stage.github.installApp({
    appId: app.appId,
    repositories: [REPO],
  });
  stage.github.closeIssue(REPO, 1, "octo");
  await stage.github.settled();
  expect(receiver.names()).toEqual([
    "installation.created",
    "issues.closed",
    "issues.closed",
  ]);
  const toApp = receiver.received.find(
    ({ headers }) =>
      headers["x-github-hook-id"] === String(app.hookId) &&
      headers["x-github-event"] === "issues",
  );
  expect(toApp?.payload).toMatchObject({
    installation: { id: installationId },
  });
  expect(toApp?.headers["x-github-hook-installation-target-type"]).toBe(
    "integration",
  );
});

test("a webhook is sent as a form unless it says JSON, and signed as it is sent", async () => {
  const { data: hook } = await stage.octokit.rest.repos.createWebhook({
    ...at,
    config: { url: `${receiver.url}/form`, secret: "s3cret" },
    events: ["issues"],
  });
  expect(hook.config.content_type).toBe("form");
  const sent = async () => {
    await stage.github.settled();
    const ping = receiver.received.findLast(({ event }) => event === "ping");
    return [ping?.headers["content-type"], ping?.isSigned];
  };
  expect(await sent()).toEqual(["application/x-www-form-urlencoded", true]);
  const on = { ...at, hook_id: hook.id };
  const { url } = hook.config;
  await stage.octokit.rest.repos.updateWebhook({
    ...on,
    config: { url: url ?? "", content_type: "json" },
  });
  await stage.octokit.rest.repos.pingWebhook(on);
  expect(await sent()).toEqual(["application/json", true]);
});
