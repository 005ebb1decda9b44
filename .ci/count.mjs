// Reads what Jest has written with `--json`. Given results: prints how many tests passed and failed, where a later result of a
// file takes the place of an earlier one. Given --failed and a result: prints the files that failed, one a line.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

const isListing = process.argv[2] === "--failed";
const files = process.argv
  .slice(isListing ? 3 : 2)
  .filter((file) => existsSync(file));
const suites = new Map();
for (const file of files)
  for (const suite of JSON.parse(readFileSync(file, "utf8")).testResults)
    suites.set(relative(".", suite.name), suite);

if (isListing) {
  for (const [name, { status }] of suites)
    if (status === "failed") console.log(name);
} else {
  let passed = 0;
  let failed = 0;
  for (const { status, assertionResults } of suites.values()) {
    const bad = assertionResults.filter((test) => test.status === "failed");
    passed += assertionResults.filter(
      (test) => test.status === "passed",
    ).length;
    // A file that could not even be loaded has no tests.
    failed += status === "failed" ? Math.max(1, bad.length) : 0;
  }
  console.log(passed, failed);
}
