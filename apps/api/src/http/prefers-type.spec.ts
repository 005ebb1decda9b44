import { expect, test } from "@jest/globals";
import { prefersType } from "./prefers-type.js";

const ndjson = "application/x-ndjson";

test.each([
  ["application/x-ndjson", true],
  ["Application/X-NDJSON; charset=utf-8", true],
  ["application/x-ndjson, */*", true],
  ["application/json;q=0.5, application/x-ndjson;q=0.9", true],
  ["application/x-ndjson;q=0.5, application/json", false],
  ["application/x-ndjson;q=0", false],
  ["application/x-ndjson;q=much", false],
  ["application/json, application/x-ndjson", false],
  ["*/*", false],
  ["", false],
  [undefined, false],
])("Accept: %s", (accept, isPreferred) => {
  expect(prefersType(accept, ndjson)).toBe(isPreferred);
});
