import type { LoadedRun, WorkItemView } from "@pullwright/persistence";

/** All that a text about a run is made from. */
export interface RunView {
  readonly run: LoadedRun;
  readonly workItem: WorkItemView;
  /** The pull request's address; known to its effect before the run itself. */
  readonly pullRequestUrl: string | null;
  /** The git host, for links. */
  readonly serverUrl: string;
  /** Where the API is reached from outside, for links; undefined: none. */
  readonly publicUrl: string | undefined;
  /** Values that must not be published, wherever they turn up. */
  readonly secrets: readonly string[];
}

/** A link to a file on the run's branch, with every part of the path encoded. */
export function fileUrl({ run, serverUrl }: RunView, path: string): string {
  const { owner, name } = run.repository;
  const parts = [owner, name, "blob", ...run.branch.split("/")];
  const file = path.split("/").filter((part) => part !== "" && part !== "..");
  // Parentheses would end a Markdown link.
  const encoded = [...parts, ...file].map((part) =>
    encodeURIComponent(part).replace(/[()]/g, (sign) =>
      sign === "(" ? "%28" : "%29",
    ),
  );
  return [serverUrl.replace(/\/+$/, ""), ...encoded].join("/");
}
