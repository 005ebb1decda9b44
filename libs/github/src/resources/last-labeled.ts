import { z } from "zod";
import { isNotOffered } from "../error/not-offered.js";
import type { RepositoryName } from "../repository-name.js";
import { at, PAGE_SIZE, type Door } from "../transport/door.js";
import { read, type RawAnswer } from "../transport/read-answer.js";
import { issueEventBody, type IssueEvent } from "./issue-event.js";

/** An issue with more events than this (1,000) is not searched to its end, nor are a repository's to their beginning. */
const MAX_PAGES = 10;

/** What a list holds besides events of its issue has other fields. */
const entries = z.array(
  z.union([issueEventBody, z.unknown().transform(() => undefined)]),
);

type ReadPage = (page: number) => Promise<RawAnswer>;

/**
 * The newest event that put this label on the issue; undefined when there is none, null where the server keeps no history.
 *
 * GitHub tells it in three places, by the same id. Servers that resemble it may lack some of them, or answer with an empty
 * list for ever; the first that tells anything decides.
 */
export async function readLastLabeled(
  door: Door,
  repository: RepositoryName,
  number: number,
  label: string,
): Promise<IssueEvent | undefined | null> {
  const wanted = label.toLowerCase();
  const isOfIssue = ({ issueNumber }: IssueEvent) =>
    issueNumber === null || issueNumber === number;
  const isWanted = (event: IssueEvent) =>
    event.event === "labeled" && event.label?.toLowerCase() === wanted;
  let missing: unknown;
  let isTold = false;
  for (const { readPage, isNewestFirst } of placesOf(
    door,
    repository,
    number,
  )) {
    const events: IssueEvent[] = [];
    try {
      for (let page = 1; page <= MAX_PAGES; page += 1) {
        const found = read(await readPage(page), entries);
        events.push(
          ...found.filter((one) => one !== undefined).filter(isOfIssue),
        );
        if (found.length < PAGE_SIZE) break;
        if (isNewestFirst && events.some(isWanted)) break;
      }
    } catch (error) {
      if (!isNotOffered(error)) throw error;
      missing = error;
      continue;
    }
    isTold = true;
    if (events.length > 0) return newest(events.filter(isWanted), number);
  }
  if (isTold) return undefined;
  door.onLack({ what: "who labelled an issue", repository, error: missing });
  return null;
}

function placesOf(
  { rest }: Door,
  repository: RepositoryName,
  number: number,
): readonly { readonly readPage: ReadPage; readonly isNewestFirst?: true }[] {
  const ofRepository = { ...at(repository), per_page: PAGE_SIZE };
  const ofIssue = { ...ofRepository, issue_number: number };
  const { issues } = rest;
  return [
    { readPage: (page) => issues.listEvents({ ...ofIssue, page }) },
    { readPage: (page) => issues.listEventsForTimeline({ ...ofIssue, page }) },
    {
      readPage: (page) => issues.listEventsForRepo({ ...ofRepository, page }),
      isNewestFirst: true,
    },
  ];
}

function newest(
  events: readonly IssueEvent[],
  issueNumber: number,
): IssueEvent | undefined {
  const [last] = [...events].sort((a, b) => b.id - a.id);
  return last && { ...last, issueNumber };
}
