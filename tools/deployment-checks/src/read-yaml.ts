import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";

const root = new URL("../../../", import.meta.url);

/** The path of a file of this repository. */
export const inRepository = (path: string): string =>
  fileURLToPath(new URL(path, root));

/** Every document of a YAML file, merge keys resolved; a file that is no clean YAML throws. */
export function readYaml(path: string): unknown[] {
  const documents = parseAllDocuments(
    readFileSync(inRepository(path), "utf8"),
    { merge: true },
  );
  if ("empty" in documents) return [];
  return documents.map((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw new Error(`${path}: ${problem.message}`);
    return document.toJS() as unknown;
  });
}
