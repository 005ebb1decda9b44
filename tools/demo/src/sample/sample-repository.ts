import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const repository = fileURLToPath(
  new URL("../../sample-repository/", import.meta.url),
);
const issue = new URL("../../sample-issue.md", import.meta.url);

/** The files of the sample repository, by path. */
export async function readSampleRepository(): Promise<Record<string, string>> {
  const entries = await readdir(repository, {
    recursive: true,
    withFileTypes: true,
  });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const read = async (file: string) =>
    [
      relative(repository, file).split(sep).join("/"),
      await readFile(file, "utf8"),
    ] as const;
  return Object.fromEntries(await Promise.all(files.map(read)));
}

/** The issue that describes its bug: the heading is the title. */
export async function readSampleIssue(): Promise<{
  title: string;
  body: string;
}> {
  const text = await readFile(issue, "utf8");
  const [heading = "", ...rest] = text.split("\n");
  return {
    title: heading.replace(/^# /, ""),
    body: rest.join("\n").trim(),
  };
}
