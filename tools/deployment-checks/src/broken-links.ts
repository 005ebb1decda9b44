import { existsSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";

/** In place, `[text](target "title")`, or by reference, `[name]: target`. */
const LINK = /\]\(<?([^)>\s]+)|^\[[^\]]+\]:\s+(\S+)/gm;
/** Examples are no links, and no headings. */
const CODE = /^ *(```|~~~)[^]*?^ *\1.*$/gm;

/**
 * The links of a Markdown file that lead to nothing: no file, nothing of this repository, or no heading of the file.
 *
 * @returns each as it is written; links to other hosts are not looked at
 */
export function brokenLinks(repository: string, file: string): string[] {
  const path = resolve(repository, file);
  const text = readFileSync(path, "utf8")
    .replace(CODE, "")
    .replace(/`[^`\n]*`/g, "code");
  return [...text.matchAll(LINK)]
    .map(([, inPlace, byReference]) => inPlace ?? byReference ?? "")
    .filter((link) => !/^[a-z][a-z+.-]*:/i.test(link))
    .filter((link) => !leads(repository, path, link));
}

function leads(repository: string, from: string, link: string): boolean {
  const [name = "", anchor] = link.split("#");
  const path =
    name === "" ? from : resolve(dirname(from), decodeURIComponent(name));
  const isOutside = relative(repository, path).startsWith("..");
  if (isOutside || !existsSync(path)) return false;
  return anchor === undefined || anchorsOf(path).has(anchor);
}

/** As GitHub names headings: those that are there already get a number. */
function anchorsOf(path: string): Set<string> {
  const text = readFileSync(path, "utf8").replace(CODE, "");
  const anchors = new Set<string>();
  for (const [, heading = ""] of text.matchAll(
    /^#{1,6} +(.+?)(?: +#+)? *$/gm,
  )) {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, "")
      .replaceAll(" ", "-");
    let anchor = slug;
    for (let again = 1; anchors.has(anchor); again += 1)
      anchor = `${slug}-${again}`;
    anchors.add(anchor);
  }
  return anchors;
}
