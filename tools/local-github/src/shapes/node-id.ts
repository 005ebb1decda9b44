const PREFIXES = {
  user: "U",
  repository: "R",
  issue: "I",
  pullRequest: "PR",
  comment: "IC",
  label: "LA",
  event: "EV",
  review: "PRR",
  reaction: "REA",
  status: "SC",
  checkRun: "CR",
  checkSuite: "CS",
  app: "A",
  installation: "MDIzOkludGVncmF0aW9uSW5zdGFsbGF0aW9u",
  ref: "REF",
  commit: "C",
} as const;

type NodeKind = keyof typeof PREFIXES;

/** GitHub's global id: opaque to clients, different from the number by which REST knows the thing. */
export const nodeId = (kind: NodeKind, id: number | string): string =>
  `${PREFIXES[kind]}_kwDO${Buffer.from(String(id)).toString("base64url")}`;
