import { expect, test } from "@jest/globals";
import { Octokit } from "@octokit/rest";
import { readdir, readFile } from "node:fs/promises";

const page = await readFile(
  new URL("../../../docs/github-permissions.md", import.meta.url),
  "utf8",
);

/** The tables of a section, row by row, without their heads. */
function rowsOf(heading: string): string[][] {
  const section = page.split(/^## /m).find((one) => one.startsWith(heading));
  const lines = (section ?? "").split("\n");
  return lines
    .filter((line) => line.startsWith("| "))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .map(([, ...cells]) => cells)
    .slice(2);
}

const endpoints = rowsOf("Endpoints");
const listed = endpoints.flatMap(([endpoint = ""]) =>
  endpoint.startsWith("`") ? endpoint.slice(1, -1) : [],
);

/** What our sources would have sent, by Octokit's methods and by addresses that are written out. */
async function called(): Promise<Set<string>> {
  const folder = new URL("./", import.meta.url);
  const files = (await readdir(folder, { recursive: true })).filter(
    (file) => /\.ts$/.test(file) && !/\.spec\.ts$|__fixtures__/.test(file),
  );
  const sources = await Promise.all(
    files.map((file) => readFile(new URL(file, folder), "utf8")),
  );
  return new Set(
    sources.flatMap((source) => [...methods(source), ...written(source)]),
  );
}

const { rest } = new Octokit();
type Methods = Readonly<
  Record<string, { endpoint: { DEFAULTS: { method: string; url: string } } }>
>;

function* methods(source: string): Generator<string> {
  for (const [, group = "", name = ""] of source.matchAll(
    /\b([a-z]+)(?=\s*\.\s*(\w+))/g,
  )) {
    const all = (rest as unknown as Readonly<Record<string, Methods>>)[group]; // As Octokit makes them.
    if (all === undefined || !Object.hasOwn(all, name)) continue;
    const { DEFAULTS } = all[name]?.endpoint ?? {};
    if (DEFAULTS) yield `${DEFAULTS.method} ${DEFAULTS.url}`;
  }
}

function* written(source: string): Generator<string> {
  const address = /["`]([A-Z]+ )?(\/(?:repos|app|user|orgs)\b[^"`]*)["`]/g;
  for (const [, method = "GET ", url = ""] of source.matchAll(address)) {
    yield `${method}${url.replace("${path}", "")}`;
    if (url.endsWith("${path}"))
      yield `${method}${url.replace("${path}", "/{delivery_id}")}`;
  }
  if (source.includes("graphqlUrl,")) yield "POST /graphql";
}

test("each endpoint that we call is on the page, and no other", async () => {
  expect([...(await called())].toSorted()).toEqual(listed.toSorted());
});

test("each needs a permission of those that the page asks for, or none", () => {
  const asked = rowsOf("Fine-grained").map(([name = ""]) => name);
  const names = [...asked, "Checks"].join("|");
  const permission = new RegExp(
    `^(none(, as the App itself)?|(${names})( and (${names}))?: (read|write|read and write))$`,
  );
  expect(asked).toContain("Contents");
  for (const [, needed] of endpoints) expect(needed).toMatch(permission);
});
