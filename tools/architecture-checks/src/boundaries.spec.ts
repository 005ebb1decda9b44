import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { allowed, deliberateViolations } from "./violations.js";

jest.setTimeout(120_000);

const root = fileURLToPath(new URL("../../../", import.meta.url));
const found = new Map<string, readonly string[]>();
const key = (file: string, code: string) => `${file}: ${code}`;

/** ESLint with the repository's own configuration, in a process of its own: it is no friend of Jest's module system. */
beforeAll(async () => {
  const cases = [...deliberateViolations, ...allowed].map(({ file, code }) => ({
    file,
    code,
  }));
  const folder = await mkdtemp(join(root, "tools/architecture-checks/.lint-"));
  try {
    const script = join(folder, "lint.mjs");
    await writeFile(script, lintScript(cases));
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      cwd: root,
      maxBuffer: 64 * 1024 * 1024,
    });
    const results = JSON.parse(stdout.slice(stdout.indexOf("["))) as string[][];
    for (const [index, { file, code }] of cases.entries())
      found.set(key(file, code), results[index] ?? []);
  } finally {
    await rm(folder, { recursive: true });
  }
});

function lintScript(cases: readonly { file: string; code: string }[]): string {
  return `
    import { createProjectGraphAsync } from "@nx/devkit";
    import { ESLint } from "eslint";
    import tseslint from "typescript-eslint";
    // The boundary rule says nothing at all while there is no project graph.
    await createProjectGraphAsync();
    const eslint = new ESLint({
      cwd: ${JSON.stringify(root)},
      // The files do not exist, so nothing can be said of their types.
      overrideConfig: [{ files: ["**/*.ts"], ...tseslint.configs.disableTypeChecked, languageOptions: { parserOptions: { project: false } } }],
    });
    const results = [];
    for (const { file, code } of ${JSON.stringify(cases)}) {
      const [result] = await eslint.lintText(code, { filePath: file });
      results.push(result.messages.map((message) => message.ruleId ?? message.message));
    }
    process.stdout.write(JSON.stringify(results));
    process.exit(0);
  `;
}

describe("the linter", () => {
  it.each(
    deliberateViolations.map((violation) => [
      key(violation.file, violation.code),
      violation.rule,
    ]),
  )("refuses %s", (name, rule) => {
    expect(found.get(name)).toContain(rule);
  });

  it.each(allowed.map(({ file, code }) => key(file, code)))(
    "lets %s pass",
    (name) => {
      expect(found.get(name)).toEqual([]);
    },
  );

  it("is given every folder of TypeScript", async () => {
    const { nx } = JSON.parse(
      await readFile(join(root, "package.json"), "utf8"),
    ) as { nx: { targets: { lint: { command: string } } } }; // As we wrote it.
    const folders = await readdir(root, { withFileTypes: true });
    const names = folders
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    const sources: string[] = [];
    for (const name of names.filter(
      (name) => !/^\.|^node_modules$/.test(name),
    )) {
      if (existsSync(join(root, name, "src"))) sources.push(name);
      const inner = await readdir(join(root, name));
      if (inner.some((one) => existsSync(join(root, name, one, "src"))))
        sources.push(`${name}/*`);
    }
    expect(sources).toEqual(expect.arrayContaining(["libs/*", "e2e"]));
    for (const source of sources)
      expect(nx.targets.lint.command).toContain(`"${source}/src/**/*.ts"`);
  });
});
