import type { endpoints, InputOf, RunList } from "@pullwright/contracts";
import type { Stores } from "@pullwright/persistence";
import type { Caller } from "../auth/caller.js";
import { decodeCursor, encodeCursor } from "./cursor.js";
import { summaryShape } from "./run-shape.js";

type Query = InputOf<typeof endpoints.listWorkflows>["query"];

/** A page of the runs that the caller may see. */
export async function listRuns(
  stores: Stores,
  query: Query,
  caller: Caller,
): Promise<RunList> {
  const { limit, page = 1 } = query;
  const { items, total } = await stores.runQueries.list({
    limit,
    offset: (page - 1) * limit,
    ...(query.cursor === undefined
      ? {}
      : { after: decodeCursor(query.cursor) }),
    ...(query.status === undefined ? {} : { status: query.status }),
    ...(query.workflow === undefined ? {} : { workflow: query.workflow }),
    ...(query.issue_number === undefined
      ? {}
      : { issueNumber: query.issue_number }),
    ...(await repositoryFilter(stores, query.repository, caller)),
  });
  const last = items.at(-1);
  return {
    items: items.map(summaryShape),
    total,
    page,
    page_size: limit,
    next_cursor:
      last === undefined || items.length < limit ? null : encodeCursor(last),
  };
}

/** A repository that is unknown or not the caller's has no runs. */
async function repositoryFilter(
  stores: Stores,
  fullName: string | undefined,
  caller: Caller,
): Promise<{ repositoryIds?: readonly string[] }> {
  const allowed = caller.repositoryIds;
  if (fullName === undefined)
    return allowed === null ? {} : { repositoryIds: allowed };
  const [owner = "", name = ""] = fullName.split("/");
  const repository = await stores.repositories.byName(owner, name);
  const visible =
    repository !== null && (allowed?.includes(repository.id) ?? true);
  return { repositoryIds: visible ? [repository.id] : [] };
}
