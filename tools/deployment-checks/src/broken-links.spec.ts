import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brokenLinks } from "./broken-links.js";
import { inRepository } from "./read-yaml.js";

const pages = [
  ..."README ARCHITECTURE GLOSSARY CONTRIBUTING CHANGELOG"
    .split(" ")
    .map((name) => `${name}.md`),
  ...readdirSync(inRepository("docs"), { encoding: "utf8", recursive: true })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

describe("the documentation", () => {
  it("is found, that of folders included", () => {
    expect(pages).toContain("docs/adr/README.md");
  });

  it.each(pages)("has no link in %s that leads to nothing", (page) => {
    expect(brokenLinks(inRepository("."), page)).toEqual([]);
  });
});

describe("a link", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "pullwright-links-"));
    mkdirSync(join(folder, "docs"));
    writeFileSync(
      join(folder, "docs", "a page.md"),
      "# Its `name`, and [more](x.md)!\n## Twice\n## Twice\n```sh\n# no heading\n```\n",
    );
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const broken = (text: string) => {
    writeFileSync(join(folder, "page.md"), `# Here\n\n${text}\n`);
    return brokenLinks(folder, "page.md");
  };

  it.each([
    "[a file](docs/a%20page.md)",
    "[a folder](docs)",
    "[a heading](#here)",
    "[a heading of another](docs/a%20page.md#its-name-and-more)",
    "[the second of two](docs/a%20page.md#twice-1)",
    "[another host](https://github.com/nothing)",
    "`[an example](nothing.md)`",
    "```md\n[an example](nothing.md)\n```",
  ])("leads somewhere: %s", (text) => {
    expect(broken(text)).toEqual([]);
  });

  it.each([
    ["[no file](nothing.md)", "nothing.md"],
    ['[no file](nothing.md "A title")', "nothing.md"],
    ["![no picture](nothing.png)", "nothing.png"],
    ["[nothing of ours](../)", "../"],
    ["[no heading](#there)", "#there"],
    [
      "[no heading](docs/a%20page.md#no-heading)",
      "docs/a%20page.md#no-heading",
    ],
    ["[a name]: nothing.md", "nothing.md"],
  ])("leads to nothing: %s", (text, link) => {
    expect(broken(text)).toEqual([link]);
  });
});
