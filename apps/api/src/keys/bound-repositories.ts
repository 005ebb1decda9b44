import type { Repository } from "@pullwright/persistence";
import { invalidRequest } from "../http/api-problem.js";

/** The ids of the repositories that a key shall be bound to; each has to be registered. */
export function boundRepositories(
  registered: readonly Repository[],
  fullNames: readonly string[],
): string[] {
  const idOf = new Map(
    registered.map(({ id, owner, name }) => [
      `${owner}/${name}`.toLowerCase(), // GitHub's names ignore case.
      id,
    ]),
  );
  const found = fullNames.map((fullName) => idOf.get(fullName.toLowerCase()));
  const errors = fullNames.flatMap((fullName, index) =>
    found[index] === undefined
      ? {
          field: `repositories.${index.toString()}`,
          message: `${fullName} is not registered`,
        }
      : [],
  );
  if (errors.length > 0) throw invalidRequest(errors);
  return [...new Set(found.filter((id) => id !== undefined))];
}
