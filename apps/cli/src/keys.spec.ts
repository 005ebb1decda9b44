import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
  call,
  exitCodes,
  pullwright,
  repo,
  startApiUnderTest,
  type ApiUnderTest,
} from "./__fixtures__/cli-under-test.js";

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApiUnderTest();
});
afterAll(() => api.close());

/** What a command prints; it must succeed. */
const printed = async (...argv: string[]): Promise<string> => {
  const { exitCode, out } = await pullwright(api, ["keys", ...argv]);
  expect(exitCode).toBe(exitCodes.ok);
  return out;
};

const idOf = async (name: string): Promise<string> => {
  const { body } = await call(api, "listKeys");
  return body.items.find((key) => key.name === name)?.id ?? "";
};

describe("keys create", () => {
  test("prints the key alone, which works at once, and says of it on stderr", async () => {
    const argv = ["keys", "create", "ci", "--scope", "read"];
    const made = await pullwright(api, [...argv, "--scope", "trigger"]);
    expect(made.exitCode).toBe(exitCodes.ok);
    expect(made.out).toMatch(/^pw_[\w-]{43}\n$/);
    expect(made.err).toContain(await idOf("ci"));
    expect(made.err).not.toContain(made.out.trim());
    const with_ = { url: api.url, key: made.out.trim() };
    expect((await pullwright(with_, ["list"])).exitCode).toBe(exitCodes.ok);
    expect((await pullwright(with_, ["keys"])).exitCode).toBe(
      exitCodes.refused,
    );
  });

  test("binds it to repositories and to a day; as JSON it is the API's answer", async () => {
    const json = await printed(
      ...["create", "bound", "--json", "--scope", "read"],
      ...["--repository", repo, "--expires", "2999-01-01"],
    );
    expect(JSON.parse(json)).toMatchObject({
      name: "bound",
      scopes: ["read"],
      repositories: [repo],
      expires_at: "2999-01-01T00:00:00.000Z",
    });
  });

  test.each([
    [["create"]],
    [["create", "x"]],
    [["create", "x", "--scope", "root"]],
    [["create", "x", "--scope", "read", "--repository", "acme/none"]],
    [["create", "x", "--scope", "read", "--expires", "2020-01-01"]],
    [["create", "x", "--scope", "read", "--expires", "soon"]],
    [["create", "admin", "--scope", "read"]],
    [["revoke"]],
    [["revoke", "ci"]],
    [["make", "x"]],
  ])("a mistake in keys %j is said, with exit code 2", async (argv) => {
    const { exitCode, out, err } = await pullwright(api, ["keys", ...argv]);
    expect([exitCode, out]).toEqual([exitCodes.usage, ""]);
    expect(err).not.toBe("");
  });
});

describe("keys", () => {
  test("are a line each, with what they may do and whether they work", async () => {
    await printed(
      "create",
      "lines",
      "--scope",
      "read",
      "--expires",
      "2999-01-01",
    );
    const lines = (await printed()).trimEnd().split("\n");
    expect(lines[0]).toMatch(
      /^ID +NAME +KEY +SCOPES +AGE +USED +STATE +REPOSITORIES$/,
    );
    expect(lines[1]).toMatch(
      /^[\da-f-]{36} +lines +pw_\S{7}… +read +\d+s +never +until 2999-01-01 +all$/,
    );
    expect(lines.at(-1)).toMatch(
      / admin +pw_\S{7}… +admin +\S+ +\S+ +works +all$/,
    );
  });

  test("as JSON are what the API answers", async () => {
    const out = await printed("--json");
    const { body } = await call(api, "listKeys");
    expect(JSON.parse(out)).toEqual(body);
  });

  test("are explained by --help, as are their own commands", async () => {
    expect(await printed("--help")).toContain("revoke [options] <id>");
    expect(await printed("create", "--help")).toContain("--scope <scope>");
  });
});

describe("keys revoke", () => {
  test("ends a key for good, however often it is said", async () => {
    const key = (await printed("create", "lost", "--scope", "read")).trim();
    const id = await idOf("lost");
    expect(await printed("revoke", id)).toBe(`${id} is revoked\n`);
    const again = await printed("revoke", id, "--json");
    expect(JSON.parse(again)).toEqual({ id, revoked: true });
    const late = await pullwright({ url: api.url, key }, ["list"]);
    expect(late.exitCode).toBe(exitCodes.refused);
    expect(await printed()).toMatch(/ lost .* revoked +all$/m);
  });

  test("is refused for the last key that administers everything", async () => {
    const { exitCode, err } = await pullwright(api, [
      "keys",
      "revoke",
      await idOf("admin"),
    ]);
    expect(exitCode).toBe(exitCodes.refused);
    expect(err).toContain("make one first");
  });
});
