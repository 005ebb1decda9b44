import { afterEach, expect, test } from "@jest/globals";
import { spawnSync } from "node:child_process";
import { access, lstat, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { Bench, BRANCH, owner } from "../__fixtures__/bench.js";
import type { Checkout } from "../checkout/checkout.js";

let bench: Bench;
afterEach(() => bench.close());

type Files = Record<string, string>;
const manifest = (scripts: Files, more: object = {}) =>
  JSON.stringify({ name: "demo", scripts, ...more });
const honest = { test: "node --test" };
const bribed = { test: "true", extra: "true" };

/** What base has, what a run's branch has on top of it, and what its test phase does before it runs the commands. */
async function judged(
  base: Files,
  head: Files,
  gone: readonly string[] = [],
  lookBefore: (checkout: Checkout) => void = () => undefined,
) {
  bench = await Bench.open(base);
  await bench.server.commit("demo", BRANCH, {
    ...Object.fromEntries(gone.map((path) => [path, null])),
    ...head,
  });
  const checkout = await bench.prepare();
  lookBefore(checkout);
  const { workspaces } = bench;
  const commands = await commandsOf(checkout);
  const replaced = await workspaces.useJudgeOf(
    checkout,
    checkout.baseSha,
    commands,
  );
  const text = (path: string) =>
    readFile(join(checkout.path, path), "utf8").catch(() => null);
  return { checkout, commands, replaced, text };
}

async function commandsOf(checkout: Checkout) {
  const { workspaces } = bench;
  const sha = checkout.baseSha;
  const found = await workspaces.discoverCommands(checkout, sha);
  if (found.kind === "broken") throw new Error(found.problem);
  return found.commands;
}

/** How the commands end in the tree, as the sandbox's user runs them. */
const exits = ({ path }: Checkout, argv: readonly string[]) =>
  spawnSync(argv[0] ?? "", argv.slice(1), {
    cwd: path,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    ...(owner ?? {}),
  }).status;

const config = (test: string) => `commands:\n  test: ${test}\n`;
const failing = "test:\n\tfalse\n";
const bribe = "test:\n\ttrue\n";

test("the scripts are base's and the dependencies the change's, whoever named the command", async () => {
  const head = manifest(bribed, { dependencies: { needed: "1.0.0" } });
  for (const named of [{}, { ".pullwright.yml": config("npm test") }]) {
    const { text, replaced, commands } = await judged(
      { "package.json": manifest(honest), ...named },
      { "package.json": head },
    );
    expect(commands.at(-1)?.argv.join(" ")).toMatch(/npm test$/);
    expect(JSON.parse((await text("package.json")) ?? "")).toEqual({
      name: "demo",
      scripts: honest,
      dependencies: { needed: "1.0.0" },
    });
    expect(replaced).toEqual(["package.json"]);
    await bench.close();
  }
});

test("so they are in the packages of a monorepo, and a new package keeps its own", async () => {
  const { text, replaced } = await judged(
    {
      "package.json": manifest({ test: "npm test --workspaces" }),
      "packages/a/package.json": manifest(honest),
      "packages/old/package.json": manifest(honest),
    },
    {
      "packages/a/package.json": manifest(bribed),
      "packages/b/package.json": manifest(bribed),
    },
    ["packages/old/package.json"],
  );
  const scripts = async (path: string): Promise<unknown> =>
    (JSON.parse((await text(path)) ?? "") as { scripts: unknown }).scripts;
  expect(await scripts("packages/a/package.json")).toEqual(honest);
  expect(await scripts("packages/b/package.json")).toEqual(bribed);
  expect(await text("packages/old/package.json")).toBeNull();
  expect(replaced).toEqual(["packages/a/package.json"]);
});

test("a manifest keeps its indentation, so that a lint of its form says what it said", async () => {
  const form = (version: string) =>
    `${JSON.stringify({ version, scripts: honest }, null, "\t")}\n`;
  const { text } = await judged(
    { "package.json": form("1.0.0") },
    { "package.json": form("1.1.0") },
  );
  expect(await text("package.json")).toBe(form("1.1.0"));
});

test.each<[string, Files, Files, string[]?]>([
  ["another", { Makefile: failing }, { Makefile: bribe }],
  ["one that make prefers", { Makefile: failing }, { GNUmakefile: bribe }],
  ["one in lower case", { Makefile: failing }, { makefile: bribe }],
  ["none", { Makefile: failing }, { "all.mk": bribe }, ["Makefile"]],
  [
    "a folder in its place",
    { Makefile: failing },
    { "Makefile/x": "", GNUmakefile: bribe },
    ["Makefile"],
  ],
  [
    "another part of it",
    { Makefile: "include rules.mk\n", "rules.mk": failing },
    { "rules.mk": bribe },
  ],
  [
    "a part more",
    { Makefile: `${failing}-include local.mk\n` },
    { "local.mk": "SHELL = /bin/true\n" },
  ],
  [
    "a file in the place of a target in a folder",
    {
      Makefile: "test:\n\t$(MAKE) -C sub all\n",
      "sub/Makefile": "all: ../up\n../up:\n\tfalse\n",
    },
    { up: "" },
  ],
  ["a file in a target's place", { Makefile: failing }, { test: "" }],
  ["a folder there", { Makefile: failing }, { "test/a.js": "" }],
  [
    "a file in the place of what the target needs",
    { Makefile: "test: ./unit\n./unit:\n\tfalse\n" },
    { unit: "" },
  ],
  [
    "a file in the place of a part's target",
    { Makefile: "include mk/rules.mk\n", "mk/rules.mk": failing },
    { test: "" },
  ],
  ["the first one", { "README.md": "" }, { Makefile: bribe }],
])(
  "make obeys base's files where the change brings %s",
  async (change, base, head, gone = []) => {
    const { checkout, replaced } = await judged(
      { ".pullwright.yml": config("make test"), ...base },
      head,
      gone,
      (before) => {
        // Without any make file there is nothing to make, which fails as well.
        expect(exits(before, ["make", "test"])).toBe(change === "none" ? 2 : 0);
      },
    );
    expect(exits(checkout, ["make", "test"])).toBe(2);
    expect(replaced.length).toBeGreaterThan(0);
  },
);

test("a target whose file base has, or that no change touches, is left as it is", async () => {
  const makefile = "test: out\n\ttrue\nout:\n\ttouch out\n";
  const { text, replaced } = await judged(
    { Makefile: makefile, test: "" },
    { test: "new", "more/out": "" },
  );
  expect(await text("Makefile")).toBe(makefile);
  expect(replaced).toEqual([]);
});

test.each([".task/checksum/test", "web/.turbo/cache/a.tar", ".gradle/9/x.bin"])(
  "what a change says was done already does not count: %s",
  async (path) => {
    const { text, replaced } = await judged(
      { Makefile: failing },
      { [path]: "" },
    );
    expect(await text(path)).toBeNull();
    expect(replaced).toEqual([path]);
  },
);

test("a new folder's make file stays where it is in nobody's way", async () => {
  const { text, replaced } = await judged(
    { Makefile: failing },
    { "new/Makefile": bribe },
  );
  expect(await text("new/Makefile")).toBe(bribe);
  expect(replaced).toEqual([]);
});

test.each([
  ["gradlew", {}, "gradlew"],
  ["mvnw", { "pom.xml": "" }, "mvnw"],
  [
    "a script that the configuration names",
    { ".pullwright.yml": config("cd ci && ./all") },
    "ci/all",
  ],
])("%s is base's", async (_, base: Files, path) => {
  bench = await Bench.open({
    ...base,
    [path]: { program: "#!/bin/sh\nfalse\n" },
  });
  const { server, workspaces } = bench;
  await server.commit("demo", BRANCH, {
    [path]: { program: "#!/bin/sh\ntrue\n" },
    ".mvn/maven.config": "-DskipTests\n",
  });
  const checkout = await bench.prepare();
  expect(exits(checkout, [join(checkout.path, path)])).toBe(0);
  const commands = await commandsOf(checkout);
  expect(
    await workspaces.useJudgeOf(checkout, checkout.baseSha, commands),
  ).toEqual([".mvn/maven.config", path].sort());
  expect(exits(checkout, [join(checkout.path, path)])).toBe(1);
  await expect(
    access(join(checkout.path, ".mvn/maven.config")),
  ).rejects.toMatchObject({ code: "ENOENT" });
});

test.each([
  ["npm's programs", "npm test", "node_modules/.bin/node"],
  ["composer's", "composer test", "lib/vendor/bin/phpunit"],
  ["a Python module", "python3 -m pytest", "pytest.py"],
  ["a Python package", "python3 -m pytest", "pytest/__main__.py"],
])(
  "nothing that the change adds stands in for %s",
  async (_, command, path) => {
    const { text, replaced } = await judged(
      { ".pullwright.yml": config(command) },
      { [path]: "exit(0)\n", "shop/contrib/pytest.py": "x = 1\n" },
    );
    expect(await text(path)).toBeNull();
    expect(await text("shop/contrib/pytest.py")).toBe("x = 1\n");
    expect(replaced).toEqual([path]);
  },
);

test("what the change brings besides is the change's, tests that a command names among it", async () => {
  const { text, replaced } = await judged(
    {
      "package.json": manifest(honest),
      ".pullwright.yml": config("node --test test/all.test.js"),
      "test/all.test.js": "one",
    },
    { "test/all.test.js": "two", "src/new.js": "x" },
  );
  expect(await text("test/all.test.js")).toBe("two");
  expect(replaced).toEqual([]);
});

test("links in the place of the judge's files lead nowhere", async () => {
  bench = await Bench.open({
    "package.json": manifest(honest),
    "web/package.json": manifest(honest),
    "victim.json": "{}",
  });
  const { server, workspaces } = bench;
  await server.commit("demo", BRANCH, {
    "package.json": { link: "victim.json" },
    "web/package.json": null,
    web: { link: "other" },
    "other/package.json": "{}",
  });
  const checkout = await bench.prepare();
  await workspaces.useJudgeOf(checkout, checkout.baseSha, []);
  const at = (path: string) => join(checkout.path, path);
  expect(await readFile(at("victim.json"), "utf8")).toBe("{}");
  expect(await readFile(at("other/package.json"), "utf8")).toBe("{}");
  expect((await lstat(at("package.json"))).isSymbolicLink()).toBe(false);
  expect(await readFile(at("package.json"), "utf8")).toBe(manifest(honest));
  expect((await stat(at("package.json"))).uid).toBe(
    owner?.uid ?? process.getuid?.(),
  );
});

test("a configuration that is no file is broken, and not passed over", async () => {
  bench = await Bench.open({
    "package.json": manifest({ test: "true" }),
    ".pullwright.yml/x": "",
  });
  const checkout = await bench.prepare();
  const { workspaces } = bench;
  expect(await workspaces.discoverCommands(checkout, checkout.baseSha)).toEqual(
    {
      kind: "broken",
      problem: ".pullwright.yml: must be a file of 8 MiB or less.",
    },
  );
});

test("a repository's own configuration decides, as of the commit that is asked", async () => {
  const { commands } = await judged(
    { ".pullwright.yml": config("make test") },
    { ".pullwright.yml": config("'true'") },
  );
  expect(commands).toEqual([{ kind: "test", argv: ["sh", "-c", "make test"] }]);
});
