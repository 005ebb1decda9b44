import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { Bench, BRANCH } from "../__fixtures__/bench.js";

let bench: Bench;
const honest = { name: "demo", scripts: { test: "node --test" } };
beforeEach(async () => {
  bench = await Bench.open({
    "package.json": JSON.stringify(honest),
    Makefile: "test:\n\tfalse\n",
  });
});
afterEach(() => bench.close());

test("commands are those of base, and mean in the tree what they mean there", async () => {
  const bribed = {
    name: "demo",
    scripts: { test: "true", extra: "true" },
    dependencies: { needed: "1.0.0" },
  };
  await bench.server.commit("demo", BRANCH, {
    "package.json": JSON.stringify(bribed),
    Makefile: "test:\n\ttrue\n",
  });
  const checkout = await bench.prepare();
  const commands = await bench.workspaces.discoverCommands(
    checkout,
    checkout.baseSha,
  );
  expect(commands).toEqual([
    { kind: "test", argv: ["npm", "test"], definedIn: "package.json" },
  ]);
  await bench.workspaces.useJudgeOf(checkout, checkout.baseSha, [
    ...commands,
    { kind: "test", argv: ["make", "test"], definedIn: "Makefile" },
  ]);
  const manifest: unknown = JSON.parse(
    await readFile(join(checkout.path, "package.json"), "utf8"),
  );
  expect(manifest).toEqual({ ...bribed, scripts: honest.scripts });
  expect(await readFile(join(checkout.path, "Makefile"), "utf8")).toBe(
    "test:\n\tfalse\n",
  );
});

test("a repository's own configuration decides, as of the commit that is asked", async () => {
  await bench.server.commit("demo", "main", {
    ".pullwright.yml": "commands:\n  test: make test\n",
  });
  await bench.server.commit("demo", BRANCH, {
    ".pullwright.yml": "commands:\n  test: 'true'\n",
  });
  const checkout = await bench.prepare();
  expect(
    await bench.workspaces.discoverCommands(checkout, checkout.baseSha),
  ).toEqual([{ kind: "test", argv: ["sh", "-c", "make test"] }]);
});
