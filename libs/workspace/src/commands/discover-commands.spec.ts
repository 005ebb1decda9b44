import { describe, expect, test } from "@jest/globals";

import { configuredCommands } from "./configured-commands.js";
import { detectCommands } from "./detectors.js";

const detect = (files: Record<string, string>) =>
  detectCommands({
    has: (name) => name in files,
    text: (name) => files[name] ?? "",
  }).map(({ kind, argv }) => `${kind}: ${argv.join(" ")}`);

const manifest = (more: object) =>
  JSON.stringify({ scripts: { test: "node --test" }, ...more });

describe("commands that a repository's files suggest", () => {
  test.each<[string, Record<string, string>, string[]]>([
    [
      "npm with a lock file",
      {
        "package.json": manifest({ dependencies: { a: "1" } }),
        "package-lock.json": "",
      },
      ["setup: npm ci", "test: npm test"],
    ],
    [
      "a package without dependencies",
      { "package.json": manifest({}) },
      ["test: npm test"],
    ],
    [
      "lint before test",
      {
        "package.json": manifest({
          scripts: { test: "jest", lint: "eslint ." },
        }),
      },
      ["lint: npm run lint", "test: npm test"],
    ],
    [
      "pnpm",
      {
        "package.json": manifest({ devDependencies: { a: "1" } }),
        "pnpm-lock.yaml": "",
      },
      ["setup: pnpm install --frozen-lockfile", "test: pnpm run test"],
    ],
    [
      "what npm init writes",
      {
        "package.json": manifest({
          scripts: { test: 'echo "Error: no test specified" && exit 1' },
        }),
      },
      [],
    ],
    ["a broken manifest", { "package.json": "{" }, []],
    [
      "make",
      { Makefile: "lint :\n\ttrue\ntest: build\n\ttrue\n" },
      ["lint: make lint", "test: make test"],
    ],
    ["a Makefile without tests", { Makefile: "test := x\nbuild:\n" }, []],
    [
      "package.json before make",
      { "package.json": manifest({}), Makefile: "test:\n" },
      ["test: npm test"],
    ],
    ["Go", { "go.mod": "" }, ["lint: go vet ./...", "test: go test ./..."]],
    ["Rust", { "Cargo.toml": "" }, ["test: cargo test"]],
    [
      "Maven with its wrapper",
      { "pom.xml": "", mvnw: "" },
      ["test: ./mvnw --batch-mode test"],
    ],
    [
      "pytest named in pyproject",
      { "pyproject.toml": "[tool.pytest.ini_options]" },
      ["test: python3 -m pytest"],
    ],
    ["pyproject without pytest", { "pyproject.toml": "[project]" }, []],
    ["nothing known", { "README.md": "" }, []],
  ])("%s", (_, files, commands) => {
    expect(detect(files)).toEqual(commands);
  });
});

describe("commands that a repository names itself", () => {
  test("as text for a shell, as arguments, one or many", () => {
    const text =
      "commands:\n  setup: npm ci\n  test:\n    - npm run build && npm test\n    - [node, --test]\n";
    expect(configuredCommands(text)).toEqual([
      { kind: "setup", argv: ["sh", "-c", "npm ci"] },
      { kind: "test", argv: ["sh", "-c", "npm run build && npm test"] },
      { kind: "test", argv: ["node", "--test"] },
    ]);
  });

  test("an empty section means none, no section means that the files are asked", () => {
    expect(configuredCommands("commands: {}\n")).toEqual([]);
    expect(configuredCommands("workflows: {}\n")).toBeUndefined();
    expect(configuredCommands("a: [\n")).toBeUndefined();
    expect(configuredCommands("commands:\n  test: [1, {a: b}, [2]]\n")).toEqual(
      [],
    );
  });
});
