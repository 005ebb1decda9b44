import type { IssueClass } from "../run/phase-result.js";

export interface IssueFacts {
  readonly title: string;
  readonly labels: readonly string[];
}

/** Labels that name the class outright, compared without case and without a `type:` or `kind/` prefix. */
const labelClasses = classes({
  bug: "bug",
  defect: "bug",
  regression: "bug",
  fix: "bug",
  feature: "feature",
  enhancement: "feature",
  "feature request": "feature",
  "feature-request": "feature",
  story: "feature",
  chore: "chore",
  maintenance: "chore",
  refactor: "chore",
  refactoring: "chore",
  dependencies: "chore",
  documentation: "chore",
  docs: "chore",
  ci: "chore",
  build: "chore",
});

/** Conventional prefixes of a title, such as `fix(parser): …` or `[Bug] …`. */
const titleClasses = classes({
  bug: "bug",
  fix: "bug",
  bugfix: "bug",
  feat: "feature",
  feature: "feature",
  chore: "chore",
  docs: "chore",
  refactor: "chore",
  build: "chore",
  ci: "chore",
  test: "chore",
  style: "chore",
});

/** A map, for a label may be called `constructor`. */
function classes(
  names: Readonly<Record<string, IssueClass>>,
): ReadonlyMap<string, IssueClass> {
  return new Map(Object.entries(names));
}

/** Nothing that names a class stands behind this many letters. */
const MAX_LENGTH = 200;

const labelPrefix = /^(?:type|kind|category)\s*[:/]\s*/;
const titlePrefix =
  /^\s*(?:\[([a-z]{2,10})\]|([a-z]{2,10})(?:\([^()]{0,60}\))?!?:)/i;

/**
 * Classifies an issue by its labels, then by its title's prefix.
 *
 * @returns null where both are silent or labels disagree: then the agent is asked.
 */
export function classifyIssue(issue: IssueFacts): IssueClass | null {
  const byLabel = new Set<IssueClass>();
  for (const label of issue.labels) {
    const found = labelClasses.get(
      label.slice(0, MAX_LENGTH).trim().toLowerCase().replace(labelPrefix, ""),
    );
    if (found !== undefined) byLabel.add(found);
  }
  const [only, ...others] = byLabel;
  if (only !== undefined && others.length === 0) return only;
  if (others.length > 0) return null;

  const match = titlePrefix.exec(issue.title.slice(0, MAX_LENGTH));
  const word = (match?.[1] ?? match?.[2])?.toLowerCase();
  return word === undefined ? null : (titleClasses.get(word) ?? null);
}
