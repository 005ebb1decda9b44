import type { Repository } from "@pullwright/persistence";
import { sees, type Caller } from "../auth/caller.js";
import { ApiProblem, invalidRequest, ofForeign } from "../http/api-problem.js";

/** The repository that is meant: the named one, or the only one. What the caller may not see does not exist. */
export function choose(
  registered: readonly Repository[],
  fullName: string | undefined,
  caller: Caller,
): Repository {
  const repository =
    fullName === undefined
      ? onlyOne(registered.filter(({ id }) => sees(caller, id)))
      : named(registered, fullName, caller);
  if (!repository.enabled) {
    throw new ApiProblem(
      "repository-disabled",
      `${repository.owner}/${repository.name} is switched off.`,
    );
  }
  return repository;
}

/** The registered repository of that name; GitHub's names ignore case. */
function named(
  registered: readonly Repository[],
  fullName: string,
  caller: Caller,
): Repository {
  const wanted = fullName.toLowerCase();
  const found = registered.find(
    ({ owner, name }) => `${owner}/${name}`.toLowerCase() === wanted,
  );
  if (found && sees(caller, found.id)) return found;
  const message = `${fullName} is not registered`;
  throw new ApiProblem("not-found", message, {
    errors: [{ field: "repository", message }],
    ...ofForeign(found),
  });
}

function onlyOne(visible: readonly Repository[]): Repository {
  const [first, ...others] = visible;
  if (first !== undefined && others.length === 0) return first;
  const message = first
    ? "must be named, since more than one is registered"
    : "must be registered first";
  throw invalidRequest([{ field: "repository", message }]);
}
