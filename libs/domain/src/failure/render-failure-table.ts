import { waitReasons, type WaitReason } from "../run/waiting.js";
import { failureClasses } from "./failure-class.js";
import { failureMeaning } from "./failure-meaning.js";
import {
  backoffMs,
  failureTable,
  PERSON_DEADLINE_MS,
  BLOCKED_DEADLINE_MS,
  CAPACITY_DEADLINE_MS,
  PUBLISH_DEADLINE_MS,
  type Backoff,
  type FollowUp,
} from "./failure-table.js";
import { markdownTable, spokenDuration } from "./markdown-table.js";
import { waitTable } from "./wait-table.js";

/** The failure table as Markdown: each class, what it means and what follows. */
export function renderFailureTable(): string {
  return markdownTable(
    ["Class", "What it means", "What follows"],
    failureClasses.map((failureClass) => [
      `\`${failureClass}\``,
      failureMeaning[failureClass],
      followUpInWords(failureTable[failureClass]),
    ]),
  );
}

/** The waits that failures lead to as Markdown: how long each may last, and how it fails. */
export function renderWaitTable(): string {
  return markdownTable(
    ["Waits for", "What it means", "Deadline", "Fails as"],
    waitReasons.flatMap((reason) => {
      const deadline = deadlines.get(reason);
      const { meaning, failsAs } = waitTable[reason];
      return deadline === undefined
        ? []
        : [[`\`${reason}\``, meaning, deadline, `\`${failsAs}\``]];
    }),
  );
}

const deadlines: ReadonlyMap<WaitReason, string> = new Map([
  ["person", spokenDuration(PERSON_DEADLINE_MS)],
  ["capacity", spokenDuration(CAPACITY_DEADLINE_MS)],
  [
    "dependency",
    `${spokenDuration(BLOCKED_DEADLINE_MS)} for other issues, else ${spokenDuration(PUBLISH_DEADLINE_MS)} after the next try`,
  ],
  ...Object.values(failureTable).flatMap((followUp): [WaitReason, string][] => {
    if (followUp.action !== "park") return [];
    const { reason, resumeAfterMs, deadlineMs } = followUp;
    const since = resumeAfterMs === null ? "" : " after the next try";
    return [[reason, `${spokenDuration(deadlineMs)}${since}`]];
  }),
]);

function followUpInWords(followUp: FollowUp): string {
  switch (followUp.action) {
    case "again": {
      const { budget, limit, backoff, afterwards } = followUp;
      const then = afterwardsInWords[afterwards];
      return `Again, at most ${times(limit)} (${budget} budget), after ${pauses(backoff, limit)}; then ${then}.`;
    }
    case "park":
      return followUp.resumeAfterMs === null
        ? `The run waits (\`${followUp.reason}\`) until a person continues it, or a shared budget has room again.`
        : `The next agent of the route goes on at once. With none left, the run waits (\`${followUp.reason}\`) until the moment the provider names, else ${spokenDuration(followUp.resumeAfterMs)}, and tries again.`;
    case "ask":
      return "The next agent of the route goes on at once. With none left, the run waits (`person`) until a person continues it.";
    case "replan":
      return "Another round of build with the evidence while rounds are left; then the run fails and the pull request stays a draft.";
    case "end":
      return "The run ends.";
  }
}

const afterwardsInWords = {
  end: "the run fails",
  ask: "the run asks a person",
  replan:
    "another round of build with the evidence, unless it failed in the same words before or no round is left",
} as const;

function times(limit: number): string {
  return limit === 1 ? "once" : `${limit} times`;
}

/** The pauses before each further try, such as `1 s, 4 s, 16 s`. */
function pauses(backoff: Backoff, limit: number): string {
  return Array.from({ length: limit }, (_, index) =>
    spokenDuration(backoffMs(backoff, index + 1)),
  ).join(", ");
}
