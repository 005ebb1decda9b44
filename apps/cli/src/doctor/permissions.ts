import type {
  GitHub,
  RepositoryName,
  RightReading,
  WriteRight,
  WriteRights,
} from "@pullwright/github";
import { fail, ok, warn, type Finding } from "./check.js";

/** As GitHub's pages call them. */
const names: Readonly<Record<WriteRight, string>> = {
  contents: "Contents",
  issues: "Issues",
  pull_requests: "Pull requests",
  statuses: "Commit statuses",
  checks: "Checks",
};

/** Looks for each right that docs/github-permissions.md lists; nothing is changed for it. */
export async function checkPermissions(
  github: Pick<GitHub, "isApp" | "writeRights">,
  repository: RepositoryName,
  isPrivate: boolean,
): Promise<Finding[]> {
  const check = `permissions ${repository.owner}/${repository.name}`;
  const rights: readonly WriteRight[] = [
    "contents",
    "issues",
    "pull_requests",
    github.isApp ? "checks" : "statuses", // The run's mark on its commit.
  ];
  const told = await github.writeRights({ repository, isPrivate, rights });
  const troubles = told.readings.flatMap(
    (reading) => troubleOf(check, reading, told.toldBy) ?? [],
  );
  if (troubles.length > 0) return troubles;
  const all = rights.map((right) => names[right]).join(", ");
  return [ok(check, `${all}: read and write, ${sourceOf(told)}`)];
}

function troubleOf(
  check: string,
  reading: RightReading,
  toldBy: WriteRights["toldBy"],
): Finding | undefined {
  const name = names[reading.right];
  switch (reading.verdict) {
    case "held":
      return undefined;
    case "missing":
      return fail(
        check,
        `${name}: read and write is missing. ${reading.because}`,
        mendOf(name, toldBy),
      );
    case "unknown":
      return warn(
        check,
        `${name}: read and write was not checked. ${reading.because}`,
        "Run the doctor again, or compare with docs/github-permissions.md.",
      );
  }
}

function mendOf(name: string, toldBy: WriteRights["toldBy"]): string {
  switch (toldBy) {
    case "installation":
      return `Set ${name} to "Read and write" under the App's "Permissions & events" on GitHub, and accept the change in the installation.`;
    case "scopes":
      return "Give the token the scope `repo` (`public_repo` is enough for a public repository).";
    case "answers":
      return `Edit the token on GitHub: this repository must be selected, ${name} be "Read and write", and its user have the role write.`;
  }
}

function sourceOf({ toldBy, scopes }: WriteRights): string {
  switch (toldBy) {
    case "installation":
      return "as the App's installation says";
    case "scopes":
      return `by the token's scopes ${scopes.join(", ")}`;
    case "answers":
      return "by what GitHub answers to requests that change nothing";
  }
}
