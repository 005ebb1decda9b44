import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exitCodes } from "../__fixtures__/cli-under-test.js";
import {
  startDoctorUnderTest,
  type DoctorUnderTest,
} from "../__fixtures__/doctor-under-test.js";

let doctor: DoctorUnderTest;
let receiver: Server;
let receiverUrl: string;
let answered = 202;
beforeAll(async () => {
  doctor = await startDoctorUnderTest();
  receiver = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(answered).end());
  });
  await new Promise<void>((done) => receiver.listen(0, "127.0.0.1", done));
  const { port } = receiver.address() as AddressInfo; // A listening TCP server.
  receiverUrl = `http://127.0.0.1:${port.toString()}/webhooks/github`;
});
beforeEach(() => {
  answered = 202;
});
afterAll(async () => {
  receiver.closeAllConnections();
  receiver.close();
  await doctor.close();
});

let repositories = 0;
/** A repository of its own for each test, so that hooks do not meet. */
const newRepository = async () => {
  repositories += 1;
  const name = `hooked-${repositories.toString()}`;
  await doctor.github.createRepository({
    owner: "acme",
    name,
    private: true,
    files: { "README.md": "#\n" },
  });
  doctor.github.setCollaborator(`acme/${name}`, "pullwright-bot", "write");
  return `acme/${name}`;
};

const events = ["issues", "issue_comment", "pull_request"];

type NewHook = Parameters<DoctorUnderTest["github"]["createWebhook"]>[1];

/** A repository with this webhook, as its admin's token shows it. */
const hooked = async (hook?: Partial<NewHook>) => {
  const repository = await newRepository();
  if (hook)
    doctor.github.createWebhook(repository, {
      url: receiverUrl,
      secret: "quite secret",
      events,
      ...hook,
    });
  await doctor.github.settled();
  return repository;
};

/** What is found of a repository's webhook; whatever that is, it is no failure. */
const found = async (repository: string, user = "acme") => {
  const { of, exitCode } = await doctor.examine({
    REPOSITORIES: repository,
    GITHUB_TOKEN: doctor.github.createToken({ user }),
  });
  expect(exitCode).toBe(exitCodes.ok);
  return of(`webhook ${repository}`);
};

const warning = (detail: string, mend: string) => [
  {
    status: "warn",
    detail: expect.stringContaining(detail),
    mend: expect.stringContaining(mend),
  },
];

test("a webhook that delivers is well", async () => {
  expect(await found(await hooked({}))).toMatchObject([
    {
      status: "ok",
      detail: expect.stringMatching(/\/webhooks\/github.* answered 202/),
    },
  ]);
});

test("a webhook of all events that nothing was sent by yet is well", async () => {
  doctor.github.webhooks.control({ kind: "lose" });
  const repository = await hooked({ events: ["*"], url: `${receiverUrl}/` });
  doctor.github.webhooks.clear();
  expect(await found(repository)).toMatchObject([
    { status: "ok", detail: expect.stringContaining("nothing was sent") },
  ]);
});

test("without a webhook the poller does the work", async () => {
  const repository = await hooked({ url: "https://ci.example.com/hook" });
  expect(await found(repository)).toMatchObject(
    warning("the poller alone finds work", "docs/github-permissions.md"),
  );
});

test("webhooks that are not shown to us are not judged", async () => {
  const repository = await hooked({ active: false });
  expect(await found(repository, "pullwright-bot")).toMatchObject(
    warning("not shown to us", "Webhooks: read"),
  );
});

test.each<[string, Partial<NewHook>, string, string]>([
  ["is inactive", { active: false }, "not active", "Activate"],
  [
    "sends too little",
    { events: ["issues", "push"] },
    "does not send issue_comment, pull_request",
    "events",
  ],
  ["is a form", { contentType: "form" }, "form", "application/json"],
])("a webhook that %s is said to be", async (_what, hook, detail, mend) => {
  expect(await found(await hooked(hook))).toMatchObject(warning(detail, mend));
});

test.each([
  [401, "GITHUB_WEBHOOK_SECRET"],
  [503, "reach"],
])(
  "a webhook whose last delivery was answered %i says so",
  async (status, mend) => {
    answered = status;
    expect(await found(await hooked({}))).toMatchObject(
      warning(`answered ${status.toString()}`, mend),
    );
  },
);

test("one good webhook is enough", async () => {
  const repository = await hooked({ active: false });
  doctor.github.createWebhook(repository, {
    url: `${receiverUrl}?new`,
    events,
  });
  doctor.github.createWebhook(repository, {
    url: receiverUrl.replace("/webhooks", "/other/webhooks"),
    events,
  });
  await doctor.github.settled();
  expect(await found(repository)).toMatchObject([{ status: "ok" }]);
});

test("where polling is off, a missing webhook is not called harmless", async () => {
  const repository = await hooked();
  const { of } = await doctor.examine({
    REPOSITORIES: repository,
    POLLING: "false",
    GITHUB_TOKEN: doctor.github.createToken({ user: "acme" }),
  });
  expect(of(`webhook ${repository}`)[0]?.detail).toContain("POLLING is off");
});

const permissions = {
  contents: "write",
  issues: "write",
  pull_requests: "write",
  checks: "write",
} as const;

let apps = 0;
/** What is found where we are an App on this repository. */
const foundByApp = async (
  repository: string,
  app: { readonly webhookUrl?: string; readonly events?: readonly string[] },
  more: Readonly<Record<string, "read">> = {},
) => {
  apps += 1;
  const { appId, privateKey } = doctor.github.createApp({
    name: `Hooked ${apps.toString()}`,
    owner: "acme",
    permissions: { ...permissions, ...more },
    events,
    ...app,
  });
  doctor.github.installApp({ appId, repositories: [repository] });
  await doctor.github.settled();
  const { of, exitCode } = await doctor.examine({
    REPOSITORIES: repository,
    GITHUB_APP_ID: appId.toString(),
    GITHUB_APP_PRIVATE_KEY: privateKey,
  });
  expect(exitCode).toBe(exitCodes.ok);
  return [of("webhook App"), of(`webhook ${repository}`)];
};

test("an App's own webhook is judged by its events and its last delivery", async () => {
  const repository = await newRepository();
  const webhookUrl = receiverUrl;
  const well = {
    status: "ok",
    detail: expect.stringContaining("answered 202"),
  };
  expect(await foundByApp(repository, { webhookUrl })).toMatchObject([
    [well],
    [],
  ]);
  expect(
    await foundByApp(repository, { webhookUrl, events: ["issues"] }),
  ).toMatchObject([warning("does not send", "events"), []]);
  answered = 500;
  expect(await foundByApp(repository, { webhookUrl })).toMatchObject([
    warning("answered 500", "reach"),
    [],
  ]);
});

test("an App without a webhook may have one in the repository", async () => {
  const repository = await hooked({});
  expect(await foundByApp(repository, {})).toMatchObject([
    [],
    warning("not shown to us", "Webhooks: read"),
  ]);
  expect(
    await foundByApp(repository, {}, { repository_hooks: "read" }),
  ).toMatchObject([[], [{ status: "ok" }]]);
});
