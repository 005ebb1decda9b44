import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Bench, BRANCH, owner, TRAILERS } from "../__fixtures__/bench.js";
import type { Checkout } from "../checkout/checkout.js";
import { createWorkspaces } from "../workspaces.js";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

async function change(
  checkout: Checkout,
  text: string,
  trailers: Partial<typeof TRAILERS> | Record<string, string> = {},
): Promise<string> {
  const answer = await bench.workspaces.commit(
    checkout,
    bench.commitRequest({
      files: new Map([["src/app.js", text]]),
      trailers: { ...TRAILERS, ...trailers },
    }),
  );
  if (answer.kind !== "committed") throw new Error(JSON.stringify(answer));
  return answer.commit.sha;
}

const push = (checkout: Checkout, sha: string, expected: string | null) =>
  bench.workspaces.push(checkout, {
    sha,
    expected,
    runId: TRAILERS.Run,
    credentials: bench.credentials,
  });

describe("pushing", () => {
  test("a new branch appears, and the next commit goes on top of it", async () => {
    const checkout = await bench.prepare();
    const first = await change(checkout, "two\n");
    expect(await push(checkout, first, null)).toEqual({ kind: "pushed" });
    const second = await change(checkout, "three\n");
    expect(await push(checkout, second, first)).toEqual({ kind: "pushed" });
    expect(bench.server.tip("demo", BRANCH)).toBe(second);
  });

  test("half a push: what is on the remote already is adopted, whatever was expected", async () => {
    const checkout = await bench.prepare();
    const sha = await change(checkout, "two\n");
    await push(checkout, sha, null);
    expect(await push(checkout, sha, null)).toEqual({ kind: "adopted" });
    expect(await push(checkout, sha, sha)).toEqual({ kind: "adopted" });
  });

  test("a person's commit on the branch is never overwritten", async () => {
    const checkout = await bench.prepare();
    const theirs = await bench.server.commit("demo", BRANCH, {
      "by-hand.txt": "mine\n",
    });
    const sha = await change(checkout, "two\n");
    expect(await push(checkout, sha, null)).toEqual({
      kind: "conflict",
      remoteSha: theirs,
    });
    expect(bench.server.tip("demo", BRANCH)).toBe(theirs);
  });

  test("nor is one on top of ours", async () => {
    const checkout = await bench.prepare();
    const first = await change(checkout, "two\n");
    await push(checkout, first, null);
    const theirs = await bench.server.commit("demo", BRANCH, {
      "by-hand.txt": "mine\n",
    });
    const second = await change(checkout, "three\n");
    expect(await push(checkout, second, first)).toEqual({
      kind: "conflict",
      remoteSha: theirs,
    });
  });

  test("a branch that somebody deleted is not made again", async () => {
    const checkout = await bench.prepare();
    const first = await change(checkout, "two\n");
    await push(checkout, first, null);
    bench.server.show("demo", "update-ref", "-d", `refs/heads/${BRANCH}`);
    const second = await change(checkout, "three\n");
    expect(await push(checkout, second, first)).toEqual({
      kind: "conflict",
      remoteSha: null,
    });
  });

  test("the stale commit of an earlier attempt at the same phase is replaced", async () => {
    const lost = await bench.prepare({ attemptId: "attempt-1" });
    const stale = await change(lost, "two, by the lost attempt\n");
    await push(lost, stale, null);
    const checkout = await bench.prepare({
      attemptId: "attempt-2",
      startSha: lost.headSha,
    });
    const sha = await change(checkout, "two, again\n", {
      Attempt: "attempt-2",
    });
    expect(await push(checkout, sha, null)).toEqual({ kind: "pushed" });
    expect(bench.server.tip("demo", BRANCH)).toBe(sha);
  });

  test.each([
    ["of another phase", { Phase: "plan" }],
    ["of another run", { Run: "ffff0000" }],
  ])("a commit %s is not ours to replace", async (_, trailers) => {
    const other = await bench.prepare({ attemptId: "attempt-1" });
    const theirs = await change(other, "two\n", trailers);
    await push(other, theirs, null);
    const checkout = await bench.prepare({
      attemptId: "attempt-2",
      startSha: other.headSha,
    });
    const sha = await change(checkout, "three\n", { Attempt: "attempt-2" });
    expect(await push(checkout, sha, null)).toEqual({
      kind: "conflict",
      remoteSha: theirs,
    });
  });

  test("our stale commit that a person amended is theirs now", async () => {
    const lost = await bench.prepare({ attemptId: "attempt-1" });
    await push(lost, await change(lost, "two\n"), null);
    const message = bench.server.show(
      "demo",
      "log",
      "-1",
      "--format=%B",
      BRANCH,
    );
    const amended = await bench.server.commit(
      "demo",
      BRANCH,
      { "src/app.js": "amended\n" },
      message,
    );
    const checkout = await bench.prepare({
      attemptId: "attempt-2",
      startSha: lost.headSha,
    });
    const sha = await change(checkout, "three\n", { Attempt: "attempt-2" });
    expect(await push(checkout, sha, null)).toEqual({
      kind: "conflict",
      remoteSha: amended,
    });
  });

  test("our stale commit on top of a person's is left alone with it", async () => {
    const theirs = await bench.server.commit("demo", BRANCH, {
      "by-hand.txt": "mine\n",
    });
    const lost = await bench.prepare({ attemptId: "attempt-1" });
    const stale = await change(lost, "two\n");
    await push(lost, stale, theirs);
    const base = bench.server.tip("demo", "main");
    const checkout = await bench.prepare({
      attemptId: "attempt-2",
      startSha: base,
    });
    const sha = await change(checkout, "three\n", { Attempt: "attempt-2" });
    expect(await push(checkout, sha, null)).toEqual({
      kind: "conflict",
      remoteSha: stale,
    });
  });

  test("what the remote's own rules refuse is told as such", async () => {
    const checkout = await bench.prepare();
    const hook = join(bench.server.folder, "demo.git/hooks/pre-receive");
    await writeFile(
      hook,
      "#!/bin/sh\necho 'workflows are protected' >&2\nexit 1\n",
      { mode: 0o755 },
    );
    const answer = await push(checkout, await change(checkout, "two\n"), null);
    expect(answer).toMatchObject({ kind: "rejected" });
    expect(answer).toHaveProperty(
      "message",
      expect.stringContaining("pre-receive hook declined"),
    );
  });

  test("the tip of a branch can be asked for, also on a runner that never saw the repository", async () => {
    const query = {
      repository: { id: "new", cloneUrl: bench.server.url("demo") },
      credentials: bench.credentials,
      branch: "main",
    };
    expect(await bench.workspaces.remoteTip(query)).toBe(
      bench.server.tip("demo", "main"),
    );
    expect(
      await bench.workspaces.remoteTip({ ...query, branch: "nowhere" }),
    ).toBeNull();
  });
});

describe("the token", () => {
  test("reaches the server, and lies in one file of git's alone while a call lasts", async () => {
    const { token, folder } = bench.server;
    const { root } = bench.workspaces;
    let before: string[] = [];
    const checkout = await bench.prepare();
    const credentials = {
      token: async () => {
        before = await filesHolding(root, token);
        return token;
      },
    };
    // The hook looks while git waits for the server's answer.
    const during = join(bench.folder, "during");
    await writeFile(
      join(folder, "demo.git/hooks/pre-receive"),
      `#!/bin/sh\nfind '${root}' -type f -exec grep -qF '${token}' {} ';' -printf '%m %P\\n' > '${during}'\n`,
      { mode: 0o755 },
    );
    const sha = await change(checkout, "two\n");
    await bench.workspaces.push(checkout, {
      sha,
      expected: null,
      runId: TRAILERS.Run,
      credentials,
    });
    expect(before).toEqual([]);
    expect(await readFile(during, "utf8")).toMatch(
      new RegExp(`^600 secrets/${process.pid}/[^/]+\n$`),
    );
    expect(await filesHolding(root, token)).toEqual([]);
    expect(
      bench.server.seen.some(({ authorization }) =>
        authorization?.startsWith("Basic "),
      ),
    ).toBe(true);
    expect(bench.server.seen.every(({ url }) => !url.includes(token))).toBe(
      true,
    );
  });

  test("is not given to another host, though a redirect leads there", async () => {
    const { GitServer } = await import("../__fixtures__/git-server.js");
    const attacker = await GitServer.start(
      join(bench.folder, "attacker"),
      "unguessable",
    );
    const { createServer } = await import("node:http");
    const redirect = createServer((request, response) => {
      response
        .writeHead(302, { location: `${attacker.origin}${request.url ?? ""}` })
        .end();
    });
    await new Promise<void>((resolve) =>
      redirect.listen(0, "127.0.0.1", resolve),
    );
    const address = redirect.address();
    const port = typeof address === "object" && address ? address.port : 0;
    try {
      const repository = {
        id: "moved",
        cloneUrl: `http://127.0.0.1:${port}/demo.git`,
      };
      await expect(bench.prepare({ repository })).rejects.toMatchObject({
        code: "GIT_AUTH",
      });
      expect(attacker.seen.length).toBeGreaterThan(0);
      expect(
        attacker.seen.filter(
          ({ authorization }) => authorization !== undefined,
        ),
      ).toEqual([]);
    } finally {
      redirect.close();
      await attacker.stop();
    }
  });

  test("left by a killed process is removed by the next", async () => {
    const left = join(bench.workspaces.root, "secrets", "4194304");
    await mkdir(left);
    await writeFile(join(left, "token"), bench.server.token);
    await createWorkspaces({ root: bench.workspaces.root, owner });
    expect(
      await filesHolding(bench.workspaces.root, bench.server.token),
    ).toEqual([]);
  });

  test("never shows in an error", async () => {
    const secret = { token: () => Promise.resolve("wr0ng-but-secret") };
    const error = await bench
      .prepare({ credentials: secret })
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: "GIT_AUTH" });
    expect(
      JSON.stringify(error, Object.getOwnPropertyNames(error)),
    ).not.toContain("wr0ng-but-secret");
  });
});

async function filesHolding(folder: string, text: string): Promise<string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const found: string[] = [];
  for (const file of files)
    if ((await readFile(file, "latin1")).includes(text)) found.push(file);
  return found;
}
