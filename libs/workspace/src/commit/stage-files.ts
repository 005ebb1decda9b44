import type { Git, GitScope } from "../git/git.js";
import { badPath } from "../guard/path-rules.js";
import type { Violation } from "../guard/violation.js";

/** Puts exactly these files on top of the commit in the index; the tree is neither read nor written. */
export async function stageFiles(
  git: Git,
  scope: GitScope,
  env: Readonly<Record<string, string>>,
  files: ReadonlyMap<string, string>,
): Promise<Violation[]> {
  const violations = [...files.keys()].flatMap((path) => badPath(path) ?? []);
  if (violations.length > 0) return violations;
  const entries: string[] = [];
  for (const [path, content] of files) {
    const blob = await git.text(scope, ["hash-object", "-w", "--stdin"], {
      stdin: content,
    });
    entries.push(`100644 ${blob}\t${path}\0`);
  }
  await git.run(
    scope,
    ["update-index", "-z", "--add", "--replace", "--index-info"],
    { env, stdin: entries.join("") },
  );
  return [];
}
