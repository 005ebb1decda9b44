import type { Actor, Issue, IssueEvent, Repository } from "../state/model.js";
import type { World } from "../state/world.js";

/** Records a fact about an issue; its id is greater than every earlier one's. */
export function recordEvent(
  world: World,
  repository: Repository,
  issue: Issue,
  actor: Actor,
  event: string,
  detail: Partial<
    Omit<IssueEvent, "id" | "event" | "issue" | "actor" | "createdAt">
  > = {},
): void {
  repository.events.push({
    id: world.nextId(),
    event,
    issue,
    actor,
    createdAt: world.now(),
    ...detail,
  });
}

/** Records on every issue that `text` mentions as `#n` that `source` mentions it; only the timeline shows this. */
export function recordMentions(
  world: World,
  repository: Repository,
  source: Issue,
  actor: Actor,
  text: string | null,
): void {
  const numbers = new Set(
    [...(text ?? "").matchAll(/(?:^|[\s(])#(\d{1,9})\b/g)].map((match) =>
      Number(match[1]),
    ),
  );
  for (const number of numbers) {
    const mentioned = repository.issues.get(number);
    if (mentioned === undefined || mentioned === source) continue;
    const isKnown = repository.events.some(
      (event) => event.issue === mentioned && event.source === source,
    );
    if (!isKnown)
      recordEvent(world, repository, mentioned, actor, "cross-referenced", {
        source,
      });
  }
}
