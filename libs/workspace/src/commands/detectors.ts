import { nodeCommands } from "./node-commands.js";
import type { RepositoryCommand } from "./repository-command.js";
import type { RepositoryFiles } from "./repository-files.js";

/** A kind of project: the files that tell it, and what is run there. */
interface Ecosystem {
  readonly marks: readonly string[];
  readonly commands: readonly RepositoryCommand[];
  /** Further conditions on the files' texts. */
  readonly when?: (files: RepositoryFiles) => boolean;
}

const setup = (...argv: [string, ...string[]]): RepositoryCommand => ({
  kind: "setup",
  argv,
});
const lint = (...argv: [string, ...string[]]): RepositoryCommand => ({
  kind: "lint",
  argv,
});
const test = (...argv: [string, ...string[]]): RepositoryCommand => ({
  kind: "test",
  argv,
});

const usesPytest = (files: RepositoryFiles) =>
  /pytest/.test(
    files.text("pyproject.toml") +
      files.text("setup.cfg") +
      files.text("tox.ini") +
      files.text("requirements-dev.txt"),
  );

/** In order of precedence; the first that fits counts. */
const ECOSYSTEMS: readonly Ecosystem[] = [
  {
    marks: ["go.mod"],
    commands: [lint("go", "vet", "./..."), test("go", "test", "./...")],
  },
  { marks: ["Cargo.toml"], commands: [test("cargo", "test")] },
  { marks: ["mvnw"], commands: [test("./mvnw", "--batch-mode", "test")] },
  { marks: ["pom.xml"], commands: [test("mvn", "--batch-mode", "test")] },
  { marks: ["gradlew"], commands: [test("./gradlew", "test")] },
  {
    marks: ["build.gradle", "build.gradle.kts"],
    commands: [test("gradle", "test")],
  },
  {
    marks: ["uv.lock"],
    when: usesPytest,
    commands: [setup("uv", "sync"), test("uv", "run", "pytest")],
  },
  {
    marks: ["poetry.lock"],
    when: usesPytest,
    commands: [setup("poetry", "install"), test("poetry", "run", "pytest")],
  },
  {
    marks: ["pytest.ini", "conftest.py"],
    commands: [test("python3", "-m", "pytest")],
  },
  {
    marks: ["pyproject.toml", "setup.cfg", "tox.ini"],
    when: usesPytest,
    commands: [test("python3", "-m", "pytest")],
  },
  {
    marks: ["mix.exs"],
    commands: [setup("mix", "deps.get"), test("mix", "test")],
  },
  {
    marks: [".rspec"],
    commands: [setup("bundle", "install"), test("bundle", "exec", "rspec")],
  },
  {
    marks: ["phpunit.xml", "phpunit.xml.dist"],
    commands: [setup("composer", "install"), test("vendor/bin/phpunit")],
  },
  {
    marks: ["deno.json", "deno.jsonc"],
    commands: [lint("deno", "lint"), test("deno", "test")],
  },
];

/** The commands that a repository's files suggest; empty when nothing is known. */
export function detectCommands(files: RepositoryFiles): RepositoryCommand[] {
  const node = nodeCommands(files);
  if (node.length > 0) return node;
  const make = makeCommands(files);
  if (make.length > 0) return make;
  const found = ECOSYSTEMS.find(
    ({ marks, when }) =>
      marks.some((mark) => files.has(mark)) && (when?.(files) ?? true),
  );
  return found ? [...found.commands] : [];
}

function makeCommands(files: RepositoryFiles): RepositoryCommand[] {
  const file = ["GNUmakefile", "makefile", "Makefile"].find((name) =>
    files.has(name),
  );
  if (file === undefined) return [];
  const text = files.text(file);
  const has = (target: string) =>
    new RegExp(`^${target}\\s*:(?!=)`, "m").test(text);
  if (!has("test")) return [];
  return [...(has("lint") ? [lint("make", "lint")] : []), test("make", "test")];
}
