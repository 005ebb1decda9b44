import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  test,
} from "@jest/globals";
import { startLocal, type Local } from "./__fixtures__/local.js";
import type { Pull } from "./resources/pull.js";

let local: Local;
beforeAll(async () => {
  local = await startLocal();
});
afterAll(() => local.close());
beforeEach(() => local.server.faults.clear());

const status = (name: "running" | "done") =>
  ({
    name: `pullwright:${name}`,
    color: "1d76db",
    description: "Set by Pullwright",
  }) as const;

function openIssue(title = "A bug", labels: string[] = []): number {
  return local.server.createIssue({
    repo: "octo/demo",
    title,
    body: "It breaks.",
    author: "octo",
    labels,
  }).number;
}

let branches = 0;
async function branchWithCommit(): Promise<string> {
  branches += 1;
  const branch = `pullwright/${branches.toString()}-demo`;
  await local.server.commitFiles(
    "octo/demo",
    branch,
    { [`file-${branches.toString()}.txt`]: "new\n" },
    { author: "robot", message: "Change" },
  );
  return branch;
}

async function openPull(
  isDraft = true,
): Promise<{ branch: string; pull: Pull }> {
  const branch = await branchWithCommit();
  const answer = await local.github.pulls.create(local.repository, {
    title: "Mend it",
    body: "Fixes #1",
    head: branch,
    base: "main",
    isDraft,
  });
  if (answer.kind !== "created") throw new Error(`Not created: ${answer.kind}`);
  return { branch, pull: answer.pull };
}

/** Our door as an App that is installed on the repository. */
function connectApp(name: string) {
  const app = local.server.createApp({
    name,
    owner: "octo",
    permissions: {
      contents: "write",
      issues: "write",
      pull_requests: "write",
      checks: "write",
      metadata: "read",
    },
  });
  local.server.installApp({ appId: app.appId, repositories: ["octo/demo"] });
  const github = local.connect({
    kind: "app",
    appId: app.appId.toString(),
    privateKey: app.privateKey,
  });
  return { app, github };
}

describe("identity", () => {
  test("of a token is its user", async () => {
    await expect(local.github.identity()).resolves.toEqual({
      id: local.ids.robot,
      login: "robot",
      type: "User",
      via: "token",
    });
  });

  test("of an App is its bot, and the App works with installation tokens", async () => {
    const { app, github } = connectApp("Robo");
    await expect(github.identity()).resolves.toMatchObject({
      login: app.botLogin,
      type: "Bot",
      via: "app",
    });
    const number = openIssue();
    const comment = await github.comments.create(
      local.repository,
      number,
      "hello",
    );
    expect(comment.author).toMatchObject({ login: app.botLogin, type: "Bot" });
    const sha = await github.repositories.headOf(local.repository, "main");
    const run = await github.checks.createRun(local.repository, sha ?? "", {
      name: "Pullwright",
      status: "in_progress",
      title: "Working",
      summary: "One phase",
    });
    await github.checks.updateRun(local.repository, run.id, {
      name: "Pullwright",
      status: "completed",
      conclusion: "success",
      title: "Done",
      summary: "All phases",
    });
    expect(local.server.checkRuns("octo/demo", sha ?? "")).toMatchObject([
      { status: "completed", conclusion: "success" },
    ]);
  });
});

describe("repositories", () => {
  test("are known by id, default branch and clone address", async () => {
    const found = await local.github.repositories.get(local.repository);
    expect(found).toMatchObject({
      fullName: "octo/demo",
      defaultBranch: "main",
      isPrivate: false,
      isArchived: false,
      cloneUrl: `${local.server.url}/octo/demo.git`,
    });
    expect(found.id).toBeGreaterThan(0);
  });

  test("that are not there are not found", async () => {
    await expect(
      local.github.repositories.get({ owner: "octo", name: "nothing" }),
    ).rejects.toMatchObject({ fault: "not_found" });
  });

  test("tell where a branch points, and that there is none", async () => {
    const branches = await local.server.branches("octo/demo");
    await expect(
      local.github.repositories.headOf(local.repository, "main"),
    ).resolves.toBe(branches.get("main"));
    await expect(
      local.github.repositories.headOf(local.repository, "no/such-branch"),
    ).resolves.toBeUndefined();
  });

  test("compare a branch with its base", async () => {
    const branch = await branchWithCommit();
    await expect(
      local.github.repositories.compare(local.repository, "main", branch),
    ).resolves.toMatchObject({
      status: "ahead",
      aheadBy: 1,
      behindBy: 0,
      files: [{ status: "added", additions: 1, deletions: 0 }],
      isTruncated: false,
    });
  });
});

describe("issues", () => {
  test("are read as a snapshot", async () => {
    const number = openIssue("Snapshot", ["bug"]);
    await expect(
      local.github.issues.get(local.repository, number),
    ).resolves.toMatchObject({
      number,
      title: "Snapshot",
      body: "It breaks.",
      state: "open",
      labels: ["bug"],
      isPullRequest: false,
      author: { id: local.ids.octo, login: "octo", type: "User" },
    });
  });

  test("tell pull requests apart", async () => {
    const { pull } = await openPull();
    await expect(
      local.github.issues.get(local.repository, pull.number),
    ).resolves.toMatchObject({ isPullRequest: true });
  });

  test("name the newest act of labelling, whatever the label's case", async () => {
    const number = openIssue();
    local.server.addLabel("octo/demo", number, "adw", "octo");
    local.server.removeLabel("octo/demo", number, "adw", "octo");
    local.server.addLabel("octo/demo", number, "other", "octo");
    local.server.addLabel("octo/demo", number, "adw", "triager");
    const events = local.server
      .listEvents("octo/demo", number)
      .filter(({ event }) => event === "labeled");
    const found = await local.github.issues.lastLabeled(
      local.repository,
      number,
      "ADW",
    );
    expect(found).toMatchObject({
      id: events.at(-1)?.id,
      event: "labeled",
      label: "adw",
      issueNumber: number,
      actor: { id: local.ids.triager },
    });
    await expect(
      local.github.issues.lastLabeled(local.repository, number, "nothing"),
    ).resolves.toBeUndefined();
  });
});

describe("permission", () => {
  test.each([
    ["octo", "admin"],
    ["robot", "write"],
    ["triager", "triage"],
    ["reader", "read"],
  ] as const)("of %s is %s", async (login, level) => {
    await expect(
      local.github.permissions.of(local.repository, {
        login,
        id: local.ids[login],
      }),
    ).resolves.toBe(level);
  });

  test("of a stranger in a public repository is to read, of a deleted account none", async () => {
    const stranger = local.server.addUser({ login: "stranger" });
    await expect(
      local.github.permissions.of(local.repository, stranger),
    ).resolves.toBe("read");
    await expect(
      local.github.permissions.of(local.repository, {
        id: 1,
        login: "nobody-here",
      }),
    ).resolves.toBe("none");
  });

  test("belongs to the account, not to whoever has its login now", async () => {
    await expect(
      local.github.permissions.of(local.repository, {
        login: "octo",
        id: local.ids.reader,
      }),
    ).resolves.toBe("none");
  });
});

describe("comments", () => {
  test("are created, read and edited", async () => {
    const number = openIssue();
    const created = await local.github.comments.create(
      local.repository,
      number,
      "one",
    );
    await local.github.comments.update(local.repository, created.id, "two");
    await expect(
      local.github.comments.get(local.repository, created.id),
    ).resolves.toMatchObject({
      id: created.id,
      issueNumber: number,
      body: "two",
      author: { login: "robot" },
      isOnPullRequest: false,
    });
  });

  test("are cut where GitHub would refuse them", async () => {
    const created = await local.github.comments.create(
      local.repository,
      openIssue(),
      "x".repeat(70_000),
    );
    expect(created.body.length).toBeLessThanOrEqual(65_536);
  });

  test("of an issue are listed oldest first over all pages, as many as wanted", async () => {
    const number = openIssue();
    local.server.comment("octo/demo", openIssue(), "elsewhere", "reader");
    for (let n = 1; n <= 102; n += 1)
      local.server.comment(
        "octo/demo",
        number,
        `no. ${n.toString()}`,
        "reader",
      );
    const list = (limit: number) =>
      local.github.comments.list(local.repository, number, { limit });
    const all = await list(1_000);
    expect(all.map(({ body }) => body)).toEqual(
      Array.from(
        { length: 102 },
        (_, index) => `no. ${(index + 1).toString()}`,
      ),
    );
    expect(all[0]).toMatchObject({
      issueNumber: number,
      author: { id: local.ids.reader, login: "reader", type: "User" },
    });
    expect(await list(101)).toEqual(all.slice(0, 101));
    expect(await list(2)).toEqual(all.slice(0, 2));
  });

  test("are found by marker: only ours, the oldest of several", async () => {
    const number = openIssue();
    const marker = "<!-- pullwright:run:ab12cd34 -->";
    const search = { marker, authorId: local.ids.robot };
    local.server.comment("octo/demo", number, `Copied ${marker}`, "reader");
    await expect(
      local.github.comments.findByMarker(local.repository, number, search),
    ).resolves.toBeUndefined();
    const first = await local.github.comments.create(
      local.repository,
      number,
      `first ${marker}`,
    );
    await local.github.comments.create(
      local.repository,
      number,
      `second ${marker}`,
    );
    await expect(
      local.github.comments.findByMarker(local.repository, number, search),
    ).resolves.toMatchObject({ id: first.id });
  });

  test("whose answer got lost are found by looking, so that nothing is written twice", async () => {
    const number = openIssue();
    const marker = "<!-- pullwright:run:lost0001 -->";
    local.server.faults.add({
      kind: "reset_after_handling",
      match: { method: "POST", path: /\/comments$/ },
      times: 1,
    });
    await expect(
      local.github.comments.create(local.repository, number, `hi ${marker}`),
    ).rejects.toMatchObject({ fault: "unavailable", isUncertain: true });
    await expect(
      local.github.comments.findByMarker(local.repository, number, {
        marker,
        authorId: local.ids.robot,
        since: new Date(Date.now() - 60_000),
      }),
    ).resolves.toMatchObject({ body: `hi ${marker}` });
    expect(local.server.listComments("octo/demo", number)).toHaveLength(1);
  });
});

describe("status labels", () => {
  test("replace only our own, and are made with their colour", async () => {
    const number = openIssue("Labels", ["bug", "adw"]);
    await local.github.labels.setStatus(local.repository, number, [
      status("running"),
    ]);
    await local.github.labels.setStatus(local.repository, number, [
      status("done"),
    ]);
    await local.github.labels.setStatus(local.repository, number, [
      status("done"),
    ]); // Harmless.
    const issue = local.server.getIssue("octo/demo", number);
    expect(issue.labels).toMatchObject([
      { name: "bug" },
      { name: "adw" },
      { name: "pullwright:done", color: "1d76db" },
    ]);
    await local.github.labels.setStatus(local.repository, number, []);
    expect(local.server.getIssue("octo/demo", number).labels).toHaveLength(2);
  });
});

describe("feeds", () => {
  const since = new Date(Date.now() - 3_600_000);
  const allEvents = { etag: undefined, sinceId: undefined, since };

  test("of events begin after the last one seen, oldest first, over pages", async () => {
    const number = openIssue();
    local.server.addLabel("octo/demo", number, "first", "octo");
    const before = await local.github.feeds.issueEvents(
      local.repository,
      allEvents,
    );
    if (before.kind !== "changed") throw new Error("Nothing to begin with");
    const sinceId = before.entries.at(-1)?.id;
    for (let index = 0; index < 130; index += 1)
      local.server.addLabel(
        "octo/demo",
        number,
        `label-${index.toString()}`,
        "octo",
      );
    const after = await local.github.feeds.issueEvents(local.repository, {
      ...allEvents,
      sinceId,
    });
    if (after.kind !== "changed") throw new Error("Not changed");
    expect(after.entries.map(({ label }) => label)).toEqual(
      Array.from({ length: 130 }, (_, index) => `label-${index.toString()}`),
    );
    expect(after.entries[0]).toMatchObject({
      event: "labeled",
      issueNumber: number,
      isPullRequest: false,
      actor: { login: "octo" },
    });
    expect(after.isTruncated).toBe(false);
  });

  test("that have not changed cost no quota", async () => {
    openIssue();
    const first = await local.github.feeds.issueEvents(
      local.repository,
      allEvents,
    );
    if (first.kind !== "changed") throw new Error("Not changed");
    const comments = { since: since.toISOString(), etag: undefined };
    const firstComments = await local.github.feeds.comments(
      local.repository,
      comments,
    );
    if (firstComments.kind !== "changed") throw new Error("Not changed");
    const remaining = () => local.github.quota()[0]?.remaining;
    const before = remaining();
    expect(before).toBeGreaterThan(0);
    await expect(
      local.github.feeds.issueEvents(local.repository, {
        ...allEvents,
        etag: first.etag,
      }),
    ).resolves.toEqual({ kind: "not_modified" });
    await expect(
      local.github.feeds.comments(local.repository, {
        ...comments,
        etag: firstComments.etag,
      }),
    ).resolves.toEqual({ kind: "not_modified" });
    expect(remaining()).toBe(before);
  });

  test("of comments give what was written or changed, with the issue's number", async () => {
    const { pull } = await openPull();
    const number = openIssue();
    const onIssue = local.server.comment(
      "octo/demo",
      number,
      "/adw adw_plan",
      "octo",
    );
    const onPull = local.server.comment(
      "octo/demo",
      pull.number,
      "Looks good",
      "octo",
    );
    const feed = await local.github.feeds.comments(local.repository, {
      etag: undefined,
      since: since.toISOString(),
    });
    if (feed.kind !== "changed") throw new Error("Not changed");
    expect(feed.entries.find(({ id }) => id === onIssue.id)).toMatchObject({
      issueNumber: number,
      isOnPullRequest: false,
      author: { id: local.ids.octo },
    });
    expect(feed.entries.find(({ id }) => id === onPull.id)).toMatchObject({
      issueNumber: pull.number,
      isOnPullRequest: true,
    });
  });
});

describe("pull requests", () => {
  test("open as a draft, become ready and go back", async () => {
    const { pull } = await openPull();
    expect(pull).toMatchObject({
      isDraft: true,
      state: "open",
      isMerged: false,
      baseBranch: "main",
    });
    await expect(
      local.github.pulls.markReady(local.repository, pull),
    ).resolves.toBe("done");
    await expect(
      local.github.pulls.markReady(local.repository, pull),
    ).resolves.toBe("done"); // Harmless.
    expect(
      (await local.github.pulls.get(local.repository, pull.number)).isDraft,
    ).toBe(false);
    await expect(
      local.github.pulls.convertToDraft(local.repository, pull),
    ).resolves.toBe("done");
    expect(
      (await local.github.pulls.get(local.repository, pull.number)).isDraft,
    ).toBe(true);
  });

  test("become ready and go back for an App as well", async () => {
    const { pull } = await openPull();
    const { pulls } = connectApp("Drafter").github;
    const isDraft = async () =>
      (await local.github.pulls.get(local.repository, pull.number)).isDraft;
    await expect(pulls.markReady(local.repository, pull)).resolves.toBe("done");
    expect(await isDraft()).toBe(false);
    await expect(pulls.convertToDraft(local.repository, pull)).resolves.toBe(
      "done",
    );
    expect(await isDraft()).toBe(true);
  });

  test("are adopted when the branch has one already", async () => {
    const { branch, pull } = await openPull();
    const again = await local.github.pulls.create(local.repository, {
      title: "Again",
      body: "",
      head: branch,
      base: "main",
      isDraft: true,
    });
    expect(again).toMatchObject({
      kind: "exists",
      pull: { number: pull.number, title: "Mend it" },
    });
  });

  test("whose answer got lost are adopted, not doubled", async () => {
    const branch = await branchWithCommit();
    const wanted = {
      title: "Lost",
      body: "",
      head: branch,
      base: "main",
      isDraft: true,
    };
    local.server.faults.add({
      kind: "reset_after_handling",
      match: { method: "POST", path: /\/pulls$/ },
      times: 1,
    });
    await expect(
      local.github.pulls.create(local.repository, wanted),
    ).rejects.toMatchObject({ fault: "unavailable", isUncertain: true });
    const found = await local.github.pulls.findByHead(local.repository, branch);
    await expect(
      local.github.pulls.create(local.repository, wanted),
    ).resolves.toMatchObject({
      kind: "exists",
      pull: { number: found?.number },
    });
    expect(
      local.server
        .listPulls("octo/demo")
        .filter(({ head }) => head.ref === branch),
    ).toHaveLength(1);
  });

  test("without a difference, or without a branch, are refused as values", async () => {
    const empty = "pullwright/empty";
    const main = (await local.server.branches("octo/demo")).get("main") ?? "";
    await local.server.commitFiles(
      "octo/demo",
      empty,
      { "x.txt": "x" },
      { author: "robot", message: "x" },
    );
    const wanted = {
      title: "Nothing",
      body: "",
      head: "main",
      base: empty,
      isDraft: true,
    };
    expect(main).not.toBe("");
    await expect(
      local.github.pulls.create(local.repository, wanted),
    ).resolves.toEqual({ kind: "no_commits" });
    await expect(
      local.github.pulls.create(local.repository, {
        ...wanted,
        head: "no-such",
        base: "main",
      }),
    ).resolves.toMatchObject({ kind: "refused" });
  });

  test("are changed and closed", async () => {
    const { branch, pull } = await openPull(false);
    await expect(
      local.github.pulls.update(local.repository, pull.number, {
        title: "New",
        body: "Body",
        state: "closed",
      }),
    ).resolves.toMatchObject({ title: "New", body: "Body", state: "closed" });
    await expect(
      local.github.pulls.findByHead(local.repository, branch, "open"),
    ).resolves.toBeUndefined();
    await expect(
      local.github.pulls.findByHead(local.repository, branch),
    ).resolves.toMatchObject({ number: pull.number });
  });
});

test("a commit gets a status", async () => {
  const { pull } = await openPull();
  await local.github.checks.setStatus(local.repository, pull.headSha, {
    state: "pending",
    context: "pullwright",
    description: "d".repeat(200),
  });
  await local.github.checks.setStatus(local.repository, pull.headSha, {
    state: "success",
    context: "pullwright",
    description: "Done",
    targetUrl: "http://localhost/run",
  });
  expect(local.server.combinedStatus("octo/demo", pull.headSha)).toMatchObject({
    state: "success",
  });
});

test("a permission that a token lacks is said to be missing", async () => {
  const github = local.connect({
    kind: "token",
    token: local.server.createToken({ user: "reader" }),
  });
  await expect(
    github.labels.setStatus(local.repository, openIssue(), [status("done")]),
  ).rejects.toMatchObject({ fault: "forbidden" });
});
