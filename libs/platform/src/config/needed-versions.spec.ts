import { expect, test } from "@jest/globals";
import { isVersionAtLeast } from "./needed-versions.js";

test.each([
  ["v20.19.0", true],
  ["v20.18.9", false],
  ["v24.1.0", true],
  ["v9.99.0", false],
  ["git version 20.19.1 (some build 1.2)", true],
  ["nothing", false],
])("of 20.19 and %s says %s", (text, enough) => {
  expect(isVersionAtLeast(text, [20, 19])).toBe(enough);
});
