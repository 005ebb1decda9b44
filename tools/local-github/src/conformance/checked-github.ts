import type { JournalEntry } from "../http/journal.js";
import {
  startLocalGitHub,
  type LocalGitHub,
  type LocalGitHubOptions,
} from "../local-github.js";
import { checkRequests } from "./conformance.js";

/** A local GitHub whose `close` fails, once all is closed, where a request or an answer was not as GitHub documents it. */
export async function startCheckedGitHub(
  options: LocalGitHubOptions,
): Promise<LocalGitHub> {
  const github = await startLocalGitHub(options);
  const cleared: JournalEntry[] = [];
  return {
    ...github,
    clearRequests: () => {
      cleared.push(...github.requests());
      github.clearRequests();
    },
    close: async () => {
      await github.close();
      const violations = checkRequests([...cleared, ...github.requests()]);
      if (violations.length === 0) return;
      const found = new Set(
        violations.map(({ subject, problem }) => `${subject}: ${problem}`),
      );
      throw new Error(["Not as GitHub documents it:", ...found].join("\n"));
    },
  };
}
