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
    expect(configuredCommands(text)).toEqual({
      kind: "found",
      commands: [
        { kind: "setup", argv: ["sh", "-c", "npm ci"] },
        { kind: "test", argv: ["sh", "-c", "npm run build && npm test"] },
        { kind: "test", argv: ["node", "--test"] },
      ],
    });
  });

  test("an empty section means none, no section means that the files are asked", () => {
    const none = { kind: "found", commands: [] };
    expect(configuredCommands("commands: {}\n")).toEqual(none);
    expect(configuredCommands("commands:\n  test:\n")).toEqual(none);
    for (const text of ["", "# nothing\n", "workflows: {}\n", "commands:\n"])
      expect(configuredCommands(text)).toBeUndefined();
  });

  test.each([
    ["a: [\n", /^\.pullwright\.yml: Flow .* at line 2, column 1\.$/],
    ["commands: [npm test]\n", /: commands may hold setup, lint and test,/],
    ["commands: {tests: npm test}\n", /: commands may hold setup, lint and/],
    ["commands: {test: ['']}\n", /: commands\.test\[0\] must not be empty\./],
    ["commands: {test: [a, 1]}\n", /: commands\.test\[1\] must be a text for/],
    ["commands: {test: [[a, 1]]}\n", /: commands\.test\[0\] must be a text/],
    ["commands: {test: [[]]}\n", /: commands\.test\[0\] must be a text/],
    ["npm test\n", /: the file must be a mapping\./],
  ])("in a file that cannot be used: %j", (text, problem) => {
    expect(configuredCommands(text)).toEqual({
      kind: "broken",
      problem: expect.stringMatching(problem),
    });
  });
});
