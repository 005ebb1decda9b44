import { expect, test } from "@jest/globals";

import { isTestOrScript } from "./tests-and-scripts.js";

test.each([
  "test/a.js",
  "src/a.spec.ts",
  "src/test_a.py",
  "conftest.py",
  "package.json",
  "packages/a/package.json",
  "Makefile",
  "makefile",
  "GNUmakefile",
  "mk/rules.mk",
  "gradlew",
  "gradle/wrapper/gradle-wrapper.properties",
  "web/mvnw",
  ".mvn/maven.config",
  ".yarn/releases/yarn-4.cjs",
  "justfile",
  "Taskfile.yml",
  "pom.xml",
  "build.gradle.kts",
  "ci/all.sh",
  "scripts/test.mjs",
  "jest.config.js",
  "playwright.config.ts",
  "vite.config.ts",
  "pnpm-workspace.yaml",
  "pytest.py",
  "node_modules/.bin/node",
  "vendor/bin/phpunit",
  ".pullwright.yml",
])("people are told of a change to %s", (path) => {
  expect(isTestOrScript(path)).toBe(true);
});

test.each([
  "src/app.ts",
  "README.md",
  "src/makefile.ts",
  "src/contest.ts",
  "docs/package.json.md",
  "src/manuscripts/a.ts",
])("%s is of the change alone", (path) => {
  expect(isTestOrScript(path)).toBe(false);
});
