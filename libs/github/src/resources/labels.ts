import { z } from "zod";
import { isGitHubError } from "../error/github-error.js";
import { fullNameOf, type RepositoryName } from "../repository-name.js";
import { at, PAGE_SIZE, type Door } from "../transport/door.js";
import { read } from "../transport/read-answer.js";

/** A label of ours: its name begins with `pullwright:`. */
export interface StatusLabel {
  readonly name: `pullwright:${string}`;
  /** Six hexadecimal digits. */
  readonly color: string;
  readonly description: string;
}

const OURS = "pullwright:";
const labelsBody = z.array(z.object({ name: z.string() }));

/** Requests about labels. */
export function labelClient(door: Door) {
  /** Made or seen here. Should one be deleted since, putting it on the issue makes it again, in grey. */
  const seen = new Set<string>();
  const create = async (repository: RepositoryName, label: StatusLabel) => {
    try {
      await door.rest.issues.createLabel({ ...at(repository), ...label });
    } catch (error) {
      // Another run was quicker; or it may not be made, and putting it on the issue makes it, in grey.
      const isHarmless =
        isGitHubError(error, "validation") ||
        isGitHubError(error, "not_found") ||
        isGitHubError(error, "forbidden");
      if (!isHarmless) throw error;
    }
  };
  const ensure = async (repository: RepositoryName, label: StatusLabel) => {
    const name = `${fullNameOf(repository)} ${label.name}`;
    if (seen.has(name)) return;
    try {
      await door.rest.issues.getLabel({ ...at(repository), name: label.name });
    } catch (error) {
      if (!isGitHubError(error, "not_found")) throw error;
      await create(repository, label);
    }
    seen.add(name);
  };
  const drop = async (
    repository: RepositoryName,
    issueNumber: number,
    name: string,
  ) => {
    try {
      await door.rest.issues.removeLabel({
        ...at(repository),
        issue_number: issueNumber,
        name,
      });
    } catch (error) {
      // Somebody removed it meanwhile.
      if (!isGitHubError(error, "not_found")) throw error;
    }
  };
  return {
    /** Makes these the issue's only `pullwright:` labels; all others stay as they are. Harmless to repeat. */
    setStatus: async (
      repository: RepositoryName,
      issueNumber: number,
      wanted: readonly StatusLabel[],
    ): Promise<void> => {
      const issue = { ...at(repository), issue_number: issueNumber };
      const answer = await door.rest.issues.listLabelsOnIssue({
        ...issue,
        per_page: PAGE_SIZE,
      });
      const present = read(answer, labelsBody)
        .map(({ name }) => name)
        .filter((name) => name.toLowerCase().startsWith(OURS));
      const missing = wanted.filter(({ name }) => !present.includes(name));
      const stale = present.filter(
        (name) => !wanted.some((label) => label.name === name),
      );
      // New ones first, so that the issue never stands without a status.
      for (const label of missing) await ensure(repository, label);
      if (missing.length > 0) {
        const labels = missing.map(({ name }) => name);
        await door.rest.issues.addLabels({ ...issue, labels });
      }
      for (const name of stale) await drop(repository, issueNumber, name);
    },
  };
}
