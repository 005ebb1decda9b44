import {
  afterEach,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from "@jest/globals";
import { spawnSync } from "node:child_process";
import {
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

jest.setTimeout(120_000);

const root = fileURLToPath(new URL("../../../", import.meta.url));
const { scripts } = JSON.parse(
  await readFile(join(root, "package.json"), "utf8"),
) as { scripts: Record<string, string> }; // As npm requires it.

/** A small repository with the rules of ours. */
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pullwright-checks-"));
  for (const name of [
    "tsconfig.json",
    "tsconfig.base.json",
    "knip.json",
    ".dependency-cruiser.json",
  ])
    await copyFile(join(root, name), join(folder, name));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  await write(
    "package.json",
    json({ name: "small", type: "module", workspaces: ["libs/*"] }),
  );
  await write("libs/one/package.json", json({ name: "one", type: "module" }));
  for (const name of ["apps", "tools"]) await mkdir(join(folder, name));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const json = (value: unknown) => JSON.stringify(value);

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

/** Runs a script of ours there; how it ends, and what it said. */
function check(script: string) {
  const [program = "", ...argv] = (scripts[script] ?? "").split(" ");
  const { status, stdout, stderr } = spawnSync(
    join(root, "node_modules/.bin", program),
    argv,
    { cwd: folder, encoding: "utf8" },
  );
  return { status, said: `${stdout}${stderr}` };
}

const inLine = {
  "libs/one/src/index.ts": 'export { b } from "./b.js";\n',
  "libs/one/src/b.ts": "export const b = 1;\n",
};

async function writeAll(
  files: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [path, text] of Object.entries(files)) await write(path, text);
}

describe("the look for cycles", () => {
  it("passes files that import one another in one direction", async () => {
    await writeAll(inLine);
    expect(check("check:cycles")).toMatchObject({ status: 0 });
  });

  it.each([
    [
      "values",
      'import { b } from "./b.js";\nexport const a = () => b;\n',
      'import { a } from "./a.js";\nexport const b = () => a;\n',
    ],
    [
      "types",
      'import type { B } from "./b.js";\nexport type A = B | 1;\n',
      'import type { A } from "./a.js";\nexport type B = A | 2;\n',
    ],
  ])("refuses two files that import each other's %s", async (_, a, b) => {
    await writeAll({ "libs/one/src/a.ts": a, "libs/one/src/b.ts": b });
    const { status, said } = check("check:cycles");
    expect(said).toContain("no-cycles");
    expect(status).not.toBe(0);
  });
});

describe("the look for dead code", () => {
  it("passes what is used", async () => {
    await writeAll(inLine);
    expect(check("check:dead-code")).toMatchObject({ status: 0 });
  });

  it.each([
    [
      "an export",
      "libs/one/src/b.ts",
      "export const b = 1;\nexport const nobodyWants = 2;\n",
      "nobodyWants",
    ],
    [
      "a file",
      "libs/one/src/forgotten.ts",
      "export const c = 1;\n",
      "forgotten.ts",
    ],
  ])("refuses %s that nobody uses", async (_, path, text, name) => {
    await writeAll({ ...inLine, [path]: text });
    const { status, said } = check("check:dead-code");
    expect(said).toContain(name);
    expect(status).not.toBe(0);
  });
});
