/** The right to change a part of a repository, by GitHub's name. */
export type WriteRight =
  "contents" | "issues" | "pull_requests" | "statuses" | "checks";

/** Whether our credentials have a right. */
export type RightReading = { readonly right: WriteRight } & (
  | { readonly verdict: "held" }
  /** `because` says how we know, or what kept us from knowing. */
  | { readonly verdict: "missing" | "unknown"; readonly because: string }
);
