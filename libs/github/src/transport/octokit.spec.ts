import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { inspect } from "node:util";
import {
  json,
  startScriptedServer,
  type Handler,
  type ScriptedServer,
} from "../__fixtures__/scripted-server.js";
import {
  failureClassOf,
  GitHubError,
  type GitHubFault,
} from "../error/github-error.js";
import { WriteWithheld } from "../error/write-withheld.js";
import { createGitHub, type GitHub, type GitHubOptions } from "../github.js";

const token = "ghp_0123456789abcdef0123456789abcdef0123";
const demo = { owner: "octo", name: "demo" };
let server: ScriptedServer;
let nowMs: number;

beforeEach(async () => {
  server = await startScriptedServer();
  nowMs = Date.now();
});
afterEach(() => server.close());

function connect(options: GitHubOptions = {}): GitHub {
  return createGitHub(
    {
      apiUrl: server.url,
      graphqlUrl: `${server.url}/graphql`,
      serverUrl: server.url,
      credentials: { kind: "token", token },
    },
    { requestTimeoutMs: 5_000, now: () => nowMs, ...options },
  );
}

async function failureOf(work: Promise<unknown>): Promise<GitHubError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof GitHubError) return error;
  throw new Error(`Not a GitHubError: ${inspect(error)}`);
}

const comment = {
  id: 5,
  body: "hello",
  user: { id: 1, login: "octo", type: "User" },
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  html_url: "http://github.test/octo/demo/issues/1#issuecomment-5",
  issue_url: "http://github.test/repos/octo/demo/issues/1",
};

describe("a refusal", () => {
  test.each<[number, GitHubFault]>([
    [400, "validation"],
    [401, "unauthorized"],
    [403, "forbidden"],
    [404, "not_found"],
    [405, "conflict"],
    [409, "conflict"],
    [410, "not_found"],
    [422, "validation"],
    [429, "rate_limited"],
    [451, "forbidden"],
    [500, "unavailable"],
    [502, "unavailable"],
    [503, "unavailable"],
  ])("%i is %s", async (status, fault) => {
    server.handle = (_request, response) =>
      json(response, status, { message: "No" });
    const error = await failureOf(connect().repositories.get(demo));
    expect(error).toMatchObject({ fault, status, code: `github_${fault}` });
    expect(error.message).toContain("GET /repos/octo/demo");
    expect(server.seen).toHaveLength(1); // Nothing is repeated here.
  });

  test("says which fields GitHub did not like", async () => {
    server.handle = (_request, response) =>
      json(response, 422, {
        message: "Validation Failed",
        errors: [{ resource: "Issue", field: "body", code: "missing" }, "odd"],
      });
    const error = await failureOf(connect().repositories.get(demo));
    expect(error.details).toMatchObject([
      { field: "body", code: "missing" },
      { message: "odd" },
    ]);
  });

  test("has a failure class for phases", () => {
    const classOf = (fault: GitHubFault) =>
      failureClassOf(new GitHubError(fault, ""));
    expect(classOf("unavailable")).toBe("transient");
    expect(classOf("rate_limited")).toBe("quota");
    expect(classOf("unauthorized")).toBe("auth");
  });
});

describe("a broken GitHub", () => {
  const impatient = () => connect({ requestTimeoutMs: 1_000 });
  const breakages: readonly [string, Handler][] = [
    [
      "a proxy's page with status 200",
      (_request, response) => {
        response.writeHead(200, { "content-type": "text/html" });
        response.end("<html>Unicorn!</html>");
      },
    ],
    [
      "a proxy's page with status 502",
      (_request, response) => {
        response.writeHead(502, { "content-type": "text/html" });
        response.end("<html>Bad gateway</html>");
      },
    ],
    [
      "JSON cut short",
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end('{"id": 5, "body": "hel');
      },
    ],
    [
      "an answer cut off halfway",
      (_request, response) => {
        response.writeHead(200, {
          "content-type": "application/json",
          "content-length": "1000",
        });
        response.write('{"id": 5');
        setTimeout(() => response.destroy(), 20);
      },
    ],
    ["a reset", (_request, response) => void response.destroy()],
    ["a stall", () => undefined],
    [
      "a stall within the body",
      (_request, response) => {
        response.writeHead(200, { "content-type": "application/json" });
        response.write('{"id": 5');
      },
    ],
    ["null", (_request, response) => json(response, 200, null)],
    ["another shape", (_request, response) => json(response, 200, { id: "5" })],
    ["no content", (_request, response) => void response.writeHead(204).end()],
    [
      "an odd content type",
      (_request, response) => {
        response.writeHead(200, { "content-type": ";;;" });
        response.end("{}");
      },
    ],
  ];

  test.each(breakages)(
    "that answers with %s is unavailable, in time",
    async (_what, handle) => {
      server.handle = handle;
      const startedMs = Date.now();
      const error = await failureOf(impatient().comments.get(demo, 5));
      expect(error.fault).toBe("unavailable");
      expect(error.isUncertain).toBe(false); // A read changes nothing.
      expect(Date.now() - startedMs).toBeLessThan(10_000);
    },
  );

  test.each(breakages)(
    "that answers a write with %s may have done it",
    async (_what, handle) => {
      server.handle = handle;
      const error = await failureOf(
        impatient().comments.create(demo, 1, "hello"),
      );
      expect(error).toMatchObject({ fault: "unavailable", isUncertain: true });
      expect(server.seen).toHaveLength(1);
    },
  );

  test("that is not there has done nothing", async () => {
    const github = connect();
    await server.close();
    const error = await failureOf(github.comments.create(demo, 1, "hello"));
    expect(error).toMatchObject({ fault: "unavailable", isUncertain: false });
    server = await startScriptedServer(); // For afterEach.
  });
});

describe("a rate limit", () => {
  const limits: readonly [string, number, Record<string, string>, object, string, number][] = [
    ["primary", 403, { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "RESET" }, { message: "API rate limit exceeded" }, "primary", 121_000],
    ["secondary with a time", 403, { "retry-after": "30" }, { message: "You have exceeded a secondary rate limit" }, "secondary", 30_000],
    ["secondary without a time", 403, {}, { message: "You have exceeded a secondary rate limit." }, "secondary", 60_000],
    ["429 without anything", 429, {}, {}, "secondary", 60_000],
    ["a time beyond reason", 429, { "retry-after": "999999" }, {}, "secondary", 3_600_000],
  ]; // prettier-ignore

  test.each(limits)(
    "%s is a value with the moment to come back",
    async (_what, status, headers, body, kind, pauseMs) => {
      nowMs = Math.floor(nowMs / 1000) * 1000;
      const reset = (nowMs / 1000 + 120).toString();
      server.handle = (_request, response) =>
        json(
          response,
          status,
          body,
          Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [
              name,
              value.replace("RESET", reset),
            ]),
          ),
        );
      const error = await failureOf(connect().comments.get(demo, 5));
      expect(error.fault).toBe("rate_limited");
      expect(error.rateLimit).toEqual({
        kind,
        resumeAt: new Date(nowMs + pauseMs),
      });
    },
  );

  test("silences the account until then, without asking GitHub again", async () => {
    server.handle = (_request, response) =>
      json(response, 429, {}, { "retry-after": "30" });
    const github = connect();
    await failureOf(github.comments.get(demo, 5));
    const again = await failureOf(github.comments.create(demo, 1, "hello"));
    expect(again.fault).toBe("rate_limited");
    expect(server.seen).toHaveLength(1);
    nowMs += 31_000;
    server.handle = (_request, response) => json(response, 200, comment);
    await expect(github.comments.get(demo, 5)).resolves.toMatchObject({
      id: 5,
    });
  });

  test("is no plain refusal: a missing permission does not silence anything", async () => {
    server.handle = (_request, response) =>
      json(
        response,
        403,
        { message: "Resource not accessible" },
        { "x-ratelimit-remaining": "4999" },
      );
    const github = connect();
    expect((await failureOf(github.comments.get(demo, 5))).fault).toBe(
      "forbidden",
    );
    expect((await failureOf(github.comments.get(demo, 5))).fault).toBe(
      "forbidden",
    );
    expect(server.seen).toHaveLength(2);
  });

  test("is known before it bites", async () => {
    server.handle = (_request, response) =>
      json(response, 200, comment, {
        "x-ratelimit-limit": "5000",
        "x-ratelimit-remaining": "4321",
        "x-ratelimit-reset": "1900000000",
      });
    const github = connect();
    await github.comments.get(demo, 5);
    const [quota] = github.quota();
    // The hash tells tokens apart and is no secret.
    expect(quota?.credential).toMatch(/^token:[0-9a-f]{12}$/);
    expect(github.quota()).toMatchObject([
      {
        resource: "core",
        limit: 5000,
        remaining: 4321,
        resetAt: new Date(1_900_000_001_000),
        pausedUntil: undefined,
      },
    ]);
  });
});

describe("GraphQL's budget", () => {
  const pull = { number: 2, nodeId: "PR_1" };
  const ready = { isDraft: false };
  const budget = (limit: string, remaining: string) => ({
    "x-ratelimit-limit": limit,
    "x-ratelimit-remaining": remaining,
    "x-ratelimit-reset": Math.ceil(nowMs / 1000 + 120).toString(),
  });
  /** Answers each of both as it is told; GraphQL's limits come in its own words. */
  const answer =
    (status: number, body: unknown, headers = {}): Handler =>
    ({ url }, response) =>
      url === "/graphql"
        ? json(response, status, body, headers)
        : json(response, 200, comment, budget("5000", "4000"));

  test("is counted apart from REST's", async () => {
    server.handle = answer(
      200,
      { data: { markPullRequestReadyForReview: { pullRequest: ready } } },
      budget("1000", "990"),
    );
    const github = connect();
    await github.comments.get(demo, 5);
    await github.pulls.markReady(demo, pull);
    expect(github.quota()).toMatchObject([
      { resource: "core", limit: 5000, remaining: 4000 },
      { resource: "graphql", limit: 1000, remaining: 990 },
    ]);
  });

  test.each<[string, number, object, () => Record<string, string>]>([
    ["asks for silence", 403, {}, () => ({ "retry-after": "30" })],
    [
      "is used up, which it says with status 200",
      200,
      { errors: [{ type: "RATE_LIMITED", message: "No more" }] },
      () => budget("1000", "0"),
    ],
  ])(
    "pauses GraphQL alone when it %s",
    async (_what, status, body, headers) => {
      server.handle = answer(status, body, headers());
      const github = connect();
      const limited = () => failureOf(github.pulls.markReady(demo, pull));
      expect((await limited()).fault).toBe("rate_limited");
      expect((await limited()).fault).toBe("rate_limited");
      expect(server.seen).toHaveLength(1); // The second was not sent.
      await expect(github.comments.get(demo, 5)).resolves.toMatchObject({
        id: 5,
      });
    },
  );

  test("goes on while REST's is used up", async () => {
    server.handle = ({ url }, response) =>
      url === "/graphql"
        ? json(response, 200, {
            data: { markPullRequestReadyForReview: { pullRequest: ready } },
          })
        : json(response, 403, {}, budget("5000", "0"));
    const github = connect();
    expect((await failureOf(github.comments.get(demo, 5))).fault).toBe(
      "rate_limited",
    );
    await expect(github.pulls.markReady(demo, pull)).resolves.toBe("done");
  });
});

describe("GraphQL's refusal with status 200", () => {
  const pull = { number: 2, nodeId: "PR_1" };
  const secondary =
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
  const hiccup =
    "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug.";
  const refuse = (...errors: readonly object[]): void => {
    server.handle = (_request, response) =>
      json(response, 200, { data: null, errors });
  };

  const limits: readonly [string, Record<string, string>, object[], string, number][] = [
    ["primary", { "x-ratelimit-limit": "5000", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "RESET" }, [{ type: "RATE_LIMITED", message: "No more" }], "primary", 121_000],
    ["with a time", { "retry-after": "30" }, [{ type: "RATE_LIMIT", message: "No more" }], "secondary", 30_000],
    ["without a time", {}, [{ type: "RATE_LIMIT", message: "No more" }], "secondary", 60_000],
    ["in words with a time", { "retry-after": "90", "x-ratelimit-remaining": "4000" }, [{ message: secondary }], "secondary", 90_000],
    ["in words", {}, [{ message: secondary }], "secondary", 60_000],
    ["in old words, and not first", {}, [{ message: hiccup }, { type: "FORBIDDEN", message: "You have triggered an abuse detection mechanism" }], "secondary", 60_000],
  ]; // prettier-ignore

  test.each(limits)(
    "for a limit %s is what it is with 403, and silences as that does",
    async (_what, headers, errors, kind, pauseMs) => {
      nowMs = Math.floor(nowMs / 1000) * 1000;
      const reset = (nowMs / 1000 + 120).toString();
      server.handle = (_request, response) =>
        json(
          response,
          200,
          { errors },
          Object.fromEntries(
            Object.entries(headers).map(([name, value]) => [
              name,
              value.replace("RESET", reset),
            ]),
          ),
        );
      const github = connect();
      const ask = () => failureOf(github.pulls.convertToDraft(demo, pull));
      const rateLimit = { kind, resumeAt: new Date(nowMs + pauseMs) };
      const told = { fault: "rate_limited", isUncertain: false, rateLimit };
      expect(await ask()).toMatchObject(told);
      nowMs += pauseMs - 1;
      expect(await ask()).toMatchObject(told);
      expect(server.seen).toHaveLength(1); // The second was not sent.
      nowMs += 1;
      await ask();
      expect(server.seen).toHaveLength(2);
    },
  );

  test.each<[string, object[]]>([
    ["says that something went wrong", [{ message: hiccup }]],
    ["is of a type that nobody knows", [{ type: "INTERNAL", message: "" }]],
    ["says nothing", [{}]],
    [
      "says so besides a refusal",
      [{ type: "UNPROCESSABLE", message: "Closed" }, { message: hiccup }],
    ],
  ])(
    "that %s is unavailable, and the change may be made",
    async (_what, errors) => {
      refuse(...errors);
      const github = connect();
      for (const ask of [github.pulls.markReady, github.pulls.convertToDraft]) {
        const error = await failureOf(ask(demo, pull));
        expect(error).toMatchObject({
          fault: "unavailable",
          isUncertain: true,
        });
      }
      expect(server.seen).toHaveLength(2); // It silences nothing.
    },
  );

  test.each([
    { type: "FORBIDDEN", message: "Resource not accessible" },
    { type: "INSUFFICIENT_SCOPES", message: "Scopes" },
  ])("of %j is forbidden, and nothing was done", async (error) => {
    refuse(error);
    expect(
      await failureOf(connect().pulls.convertToDraft(demo, pull)),
    ).toMatchObject({ fault: "forbidden", isUncertain: false });
    expect(server.seen).toHaveLength(1);
  });

  test.each([
    { type: "NOT_FOUND", message: "Could not resolve" },
    { type: "UNPROCESSABLE", message: "Pull request is closed" },
    {
      message: "Draft pull requests are not supported in this repository.",
    },
    {
      message:
        "octo does not have permission to convert the pull request PR_1 to draft.",
    },
    {
      message:
        "Field 'convertPullRequestToDraft' doesn't exist on type 'Mutation'",
      extensions: { code: "undefinedField" },
    },
    {
      message:
        'Cannot query field "convertPullRequestToDraft" on type "Mutation".',
    },
  ])("of %j leaves it to REST, and is no error", async (error) => {
    server.handle = ({ url }, response) =>
      url === "/graphql"
        ? json(response, 200, { data: null, errors: [error] })
        : json(response, 404, { message: "Not Found" });
    await expect(connect().pulls.convertToDraft(demo, pull)).resolves.toBe(
      "unsupported",
    );
    expect(server.seen).toHaveLength(2);
  });
});

describe("the token", () => {
  test("goes into the header and nowhere else", async () => {
    server.handle = (_request, response) => json(response, 200, comment);
    await connect().comments.get(demo, 5);
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${token}`);
    expect(server.seen[0]?.url).not.toContain(token);
    expect(server.seen[0]?.headers["user-agent"]).toMatch(/^pullwright/);
  });

  test.each<[string, Handler]>([
    [
      "refusal that repeats it",
      (request, response) =>
        json(response, 422, {
          message: String(request.headers.authorization),
          errors: [{ message: String(request.headers.authorization) }],
        }),
    ],
    [
      "unreadable answer that repeats it",
      (request, response) =>
        void response.end(String(request.headers.authorization)),
    ],
    ["reset", (_request, response) => void response.destroy()],
  ])("is in no part of the error after a %s", async (_what, handle) => {
    server.handle = handle;
    const error = await failureOf(connect().comments.create(demo, 1, "hello"));
    const everything = inspect(error, { depth: 20, showHidden: true });
    expect(everything).not.toContain(token);
  });

  test.each(["FORBIDDEN", "RATE_LIMITED"])(
    "is in no part of the error after GraphQL's %s that repeats it",
    async (type) => {
      server.handle = ({ headers }, response) =>
        json(response, 200, {
          errors: [{ type, message: `No, ${String(headers.authorization)}` }],
        });
      const work = connect().pulls.markReady(demo, { number: 2, nodeId: "PR" });
      const error = await failureOf(work);
      expect(error.message).toContain("No, Bearer");
      expect(inspect(error, { depth: 20, showHidden: true })).not.toContain(
        token,
      );
    },
  );

  test("that is missing is said before any request", async () => {
    const github = createGitHub({
      apiUrl: server.url,
      graphqlUrl: server.url,
      serverUrl: server.url,
      credentials: undefined,
    });
    expect((await failureOf(github.identity())).fault).toBe("unauthorized");
    expect(server.seen).toHaveLength(0);
  });
});

describe("writes", () => {
  test("go one after another", async () => {
    let open = 0;
    let most = 0;
    server.handle = async (_request, response) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setTimeout(resolve, 20));
      open -= 1;
      json(response, 201, comment);
    };
    const github = connect({ now: Date.now });
    await Promise.all(
      [1, 2, 3, 4].map((number) =>
        github.comments.create(demo, number, "hello"),
      ),
    );
    expect(most).toBe(1);
  });

  test("go the most urgent first, and as they came within a class", async () => {
    server.handle = async (_request, response) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      json(response, 201, comment);
    };
    const github = connect({ now: Date.now });
    const classes = [
      "discovery",
      "discovery",
      "status",
      "status",
      "control",
      "control",
    ] as const;
    const all = classes.map((requestClass, number) =>
      github.as(requestClass).comments.create(demo, number, "hello"),
    );
    await Promise.all(all);
    const order = server.seen.map(({ url }) => /\d+/.exec(url)?.[0]);
    expect(order.join("")).toBe("452301");
  });

  test("keep to the pace once the burst is used up", async () => {
    server.handle = (_request, response) => json(response, 201, comment);
    const github = connect({
      now: Date.now,
      writePace: { burst: 2, refillMs: 700, maxWaitMs: 5000 },
    });
    const startedAt = Date.now();
    await Promise.all(
      [1, 2, 3, 4].map((number) =>
        github.comments.create(demo, number, "hello"),
      ),
    );
    const [, second, third, fourth] = server.seen.map(
      ({ atMs }) => atMs - startedAt,
    );
    expect(second).toBeLessThan(700);
    expect(third).toBeGreaterThanOrEqual(690);
    expect(fourth).toBeGreaterThanOrEqual(1390);
  });

  test("are a second apart after a secondary limit", async () => {
    server.handle = (_request, response) =>
      json(response, 429, {}, { "retry-after": "0" });
    let aheadMs = 0;
    const github = connect({ now: () => Date.now() + aheadMs });
    await failureOf(github.comments.create(demo, 1, "hello"));
    aheadMs = 1500; // The pause is over.
    server.handle = (_request, response) => json(response, 201, comment);
    await Promise.all(
      [1, 2].map((number) => github.comments.create(demo, number, "hello")),
    );
    const [, second, third] = server.seen.map(({ atMs }) => atMs);
    expect((third ?? 0) - (second ?? 0)).toBeGreaterThanOrEqual(950);
  });

  test("do not queue for longer than somebody waits for them", async () => {
    server.handle = () => undefined; // Stalls.
    const github = connect({
      now: Date.now,
      requestTimeoutMs: 1_500,
      writePace: { burst: 10, refillMs: 10, maxWaitMs: 100 },
    });
    const faults = await Promise.all(
      [1, 2, 3].map(
        async (number) =>
          (await failureOf(github.comments.create(demo, number, "hello")))
            .fault,
      ),
    );
    expect(faults).toEqual(["unavailable", "rate_limited", "rate_limited"]);
    expect(server.seen).toHaveLength(1);
  });

  test("are withheld when they may no longer be made once their turn comes, and only they", async () => {
    server.handle = async (_request, response) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      json(response, 201, comment);
    };
    let mayWrite = true;
    const github = connect({ now: Date.now }).as("status", () => mayWrite);
    const first = github.comments.create(demo, 1, "hello").finally(() => {
      mayWrite = false;
    });
    const second = github.comments.create(demo, 2, "hello");
    await first;
    await expect(second).rejects.toThrow(WriteWithheld);
    await expect(second).rejects.toThrow(
      "POST /repos/octo/demo/issues/2/comments came too late",
    );
    await expect(github.comments.update(demo, 5, "hi")).rejects.toThrow(
      WriteWithheld,
    );
    expect(server.seen).toHaveLength(1);
    server.handle = (_request, response) => json(response, 404, {});
    expect((await failureOf(github.issues.get(demo, 1))).fault).toBe(
      "not_found",
    );
  });
});
