import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { at, REPO, startStage, type Stage } from "../spec/stage.js";

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
  await stage.github.commitFiles(
    REPO,
    "fix",
    { "a.txt": "<b>\n" },
    { author: "writer", message: "Fix" },
  );
  await stage.octokit.rest.pulls.create({
    ...at,
    title: "Fix <it>",
    head: "fix",
    base: "main",
    body: "Now & then",
    draft: true,
  });
});

afterAll(() => stage.close());

const read = async (url: string) => {
  const response = await fetch(url);
  return { status: response.status, text: await response.text() };
};

test("a pull request's address leads to its text and its diff, everything escaped", async () => {
  const { html_url } = await stage.github.getPull(REPO, 1);
  const { status, text } = await read(html_url);
  expect(status).toBe(200);
  expect(text).toContain("<h1>Fix &lt;it&gt; #1</h1>");
  expect(text).toContain("open, draft");
  expect(text).toContain("<pre>Now &amp; then</pre>");
  expect(text).toContain("+&lt;b&gt;");
});

test("a repository's address leads to its issues, and an unknown one nowhere", async () => {
  expect((await read(`${stage.github.url}/${REPO}`)).text).toContain(
    `href="/${REPO}/pull/1"`,
  );
  expect((await read(`${stage.github.url}/octo/nothing`)).status).toBe(404);
});
