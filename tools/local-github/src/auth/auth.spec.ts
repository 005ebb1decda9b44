import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  appJwt,
  at,
  REPO,
  startStage,
  statusOf,
  type Stage,
} from "../spec/stage.js";

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
  stage.github.createIssue({ repo: REPO, title: "One", author: "octo" });
});

afterAll(() => stage.close());

const on = { ...at, issue_number: 1 };

describe("people", () => {
  test("a wrong token is a 401, also where none is needed", async () => {
    expect(await statusOf(stage.as("ghp_wrong").request("GET /"))).toBe(401);
  });

  test("an expired and a revoked token are 401s", async () => {
    const expired = stage.github.createToken({
      user: "octo",
      expiresAt: new Date(Date.now() - 1),
    });
    const revoked = stage.github.createToken({ user: "octo" });
    stage.github.revokeToken(revoked);
    expect(await statusOf(stage.as(expired).rest.repos.get(at))).toBe(401);
    expect(await statusOf(stage.as(revoked).rest.repos.get(at))).toBe(401);
  });

  test("a private repository is not there for a stranger", async () => {
    await expect(stage.of("stranger").rest.repos.get(at)).rejects.toMatchObject(
      { status: 404, message: expect.stringContaining("Not Found") },
    );
  });

  test("each role may do what it may, and no more", async () => {
    const label = (user: string) =>
      statusOf(
        stage.of(user).rest.issues.addLabels({ ...on, labels: ["adw"] }),
      );
    const branch = async (user: string) =>
      statusOf(
        stage.of(user).rest.git.createRef({
          ...at,
          ref: `refs/heads/${user}`,
          sha: (await stage.github.branches(REPO)).get("main") ?? "",
        }),
      );
    expect([await label("reader"), await label("triager")]).toEqual([403, 200]);
    expect([await branch("triager"), await branch("writer")]).toEqual([
      403, 201,
    ]);
    expect(await statusOf(stage.of("writer").rest.repos.listWebhooks(at))).toBe(
      404,
    );
  });

  test("a reader comments, and edits no one else's comment", async () => {
    const comment = stage.github.comment(REPO, 1, "Mine", "octo");
    const reader = stage.of("reader").rest.issues;
    expect(await statusOf(reader.createComment({ ...on, body: "Hello" }))).toBe(
      201,
    );
    expect(
      await statusOf(
        reader.updateComment({ ...at, comment_id: comment.id, body: "Yours" }),
      ),
    ).toBe(403);
  });

  test("labels that a reader asks for in a new issue are left out", async () => {
    const { data } = await stage
      .of("reader")
      .rest.issues.create({ ...at, title: "Two", labels: ["adw"] });
    expect(data.labels).toEqual([]);
  });

  test("the permission of a collaborator is told in the old words and the new", async () => {
    const tell = async (username: string) => {
      const { data } =
        await stage.octokit.rest.repos.getCollaboratorPermissionLevel({
          ...at,
          username,
        });
      return [data.permission, data.role_name];
    };
    expect(await tell("triager")).toEqual(["read", "triage"]);
    expect(await tell("octo")).toEqual(["admin", "admin"]);
    expect(await tell("stranger")).toEqual(["none", "none"]);
  });

  test("a fine-grained token is held to its permissions and repositories, and the refusal names what is missing", async () => {
    const narrow = stage.as(
      stage.github.createToken({
        user: "octo",
        permissions: { issues: "read" },
        repositories: [REPO],
      }),
    );
    expect(await statusOf(narrow.rest.issues.get(on))).toBe(200);
    await expect(
      narrow.rest.issues.createComment({ ...on, body: "x" }),
    ).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining(
        "Resource not accessible by personal access token",
      ),
      response: {
        headers: {
          "x-accepted-github-permissions": "issues=write; pull_requests=write",
        },
      },
    });
    const elsewhere = stage.as(
      stage.github.createToken({
        user: "octo",
        permissions: { issues: "read" },
        repositories: [],
      }),
    );
    expect(await statusOf(elsewhere.rest.issues.get(on))).toBe(404);
  });

  test.each<[string[], number, number]>([
    [["repo", "workflow"], 200, 201],
    [["public_repo"], 404, 404],
    [["repo:status"], 404, 404],
    [[], 404, 404],
  ])(
    "a classic token with the scopes %j says so, and reaches so far in a private repository",
    async (scopes, seen, written) => {
      const { rest } = stage.as(
        stage.github.createToken({ user: "octo", scopes }),
      );
      const { headers } = await rest.users.getAuthenticated();
      expect(headers["x-oauth-scopes"]).toBe(scopes.join(", "));
      expect(await statusOf(rest.repos.get(at))).toBe(seen);
      expect(
        await statusOf(rest.issues.createComment({ ...on, body: "x" })),
      ).toBe(written);
    },
  );

  test("in a public repository `public_repo` is enough to write, `repo:status` to set statuses, and hooks have scopes of their own", async () => {
    const open = { owner: "octo", repo: "open" };
    await stage.github.createRepository({
      owner: "octo",
      name: "open",
      files: { a: "a" },
    });
    const sha = (await stage.github.branches("octo/open")).get("main") ?? "";
    const may = async (scope: string) => {
      const { rest } = stage.as(
        stage.github.createToken({ user: "octo", scopes: [scope] }),
      );
      return [
        await statusOf(rest.issues.create({ ...open, title: "x" })),
        await statusOf(
          rest.repos.createCommitStatus({ ...open, sha, state: "success" }),
        ),
        await statusOf(rest.repos.listWebhooks(open)),
      ];
    };
    expect(await may("public_repo")).toEqual([201, 201, 404]);
    expect(await may("repo:status")).toEqual([404, 201, 404]);
    expect(await may("read:repo_hook")).toEqual([404, 404, 200]);
    expect(await may("gist")).toEqual([404, 404, 404]);
  });

  test("a request without a user agent is refused", async () => {
    const response = await fetch(`${stage.github.apiUrl}/`, {
      headers: { "user-agent": "" },
    });
    expect(response.status).toBe(403);
  });
});

describe("Apps", () => {
  let app: ReturnType<Stage["github"]["createApp"]>;
  let installationId: number;

  beforeAll(async () => {
    await stage.github.createRepository({
      owner: "octo",
      name: "other",
      private: true,
      files: { a: "a" },
    });
    app = stage.github.createApp({
      name: "Pull Wright",
      owner: "octo",
      permissions: { issues: "write", contents: "read" },
    });
    ({ installationId } = stage.github.installApp({
      appId: app.appId,
      repositories: [REPO],
    }));
  });

  const mint = (
    narrowing: object = {},
    claims: { exp?: number; iat?: number } = {},
  ) =>
    stage
      .as(appJwt(app.appId, app.privateKey, claims))
      .rest.apps.createInstallationAccessToken({
        installation_id: installationId,
        ...narrowing,
      });

  test("a token lives one hour and acts as the bot", async () => {
    const { data } = await mint();
    const minutes = (Date.parse(data.expires_at) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(58);
    expect(minutes).toBeLessThanOrEqual(60);
    const { data: comment } = await stage
      .as(data.token)
      .rest.issues.createComment({ ...on, body: "Beep" });
    expect(comment.user).toMatchObject({
      login: "pull-wright[bot]",
      type: "Bot",
    });
    expect(comment.performed_via_github_app).toMatchObject({
      slug: "pull-wright",
    });
  });

  test("a token sees only the repositories it is installed on", async () => {
    const { rest } = stage.as((await mint()).data.token);
    expect(
      await statusOf(rest.repos.get({ owner: "octo", repo: "other" })),
    ).toBe(404);
    expect(
      (
        await rest.apps.listReposAccessibleToInstallation()
      ).data.repositories.map(({ name }) => name),
    ).toEqual(["sample"]);
  });

  test("a token may have fewer permissions than the App, never more", async () => {
    const { data } = await mint({ permissions: { issues: "read" } });
    expect(
      await statusOf(
        stage.as(data.token).rest.issues.createComment({ ...on, body: "x" }),
      ),
    ).toBe(403);
    expect(await statusOf(mint({ permissions: { contents: "write" } }))).toBe(
      422,
    );
    expect(await statusOf(mint({ repositories: ["other"] }))).toBe(422);
  });

  test("only a sound JSON web token is taken", async () => {
    const now = Math.floor(Date.now() / 1_000);
    expect(await statusOf(mint({}, { exp: now - 1 }))).toBe(401);
    expect(await statusOf(mint({}, { exp: now + 3_600 }))).toBe(401);
    expect(await statusOf(mint({}, { iat: now + 600 }))).toBe(401);
    const other = stage.github.createApp({
      name: "Other",
      owner: "octo",
      permissions: {},
    });
    expect(
      await statusOf(
        stage
          .as(appJwt(app.appId, other.privateKey))
          .rest.apps.getAuthenticated(),
      ),
    ).toBe(401);
    expect(await statusOf(stage.octokit.rest.apps.getAuthenticated())).toBe(
      401,
    );
  });

  test("a check run takes an App", async () => {
    const head_sha = (await stage.github.branches(REPO)).get("main") ?? "";
    await expect(
      stage.octokit.rest.checks.create({ ...at, name: "tests", head_sha }),
    ).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining(
        "You must authenticate via a GitHub App",
      ),
    });
  });
});
