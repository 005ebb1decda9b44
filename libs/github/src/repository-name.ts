import { fullNamePattern } from "@pullwright/domain";

/** Which repository: how GitHub's addresses name it. Names change; whoever stores one stores the id beside it. */
export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

/** Parses `owner/name`; undefined for anything else. */
export function parseRepositoryName(
  fullName: string,
): RepositoryName | undefined {
  if (!fullNamePattern.test(fullName)) return undefined;
  const [owner = "", name = ""] = fullName.split("/");
  return { owner, name };
}

/** `owner/name`. */
export function fullNameOf({ owner, name }: RepositoryName): string {
  return `${owner}/${name}`;
}
