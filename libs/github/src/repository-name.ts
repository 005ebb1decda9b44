/** Which repository: how GitHub's addresses name it. Names change; whoever stores one stores the id beside it. */
export interface RepositoryName {
  readonly owner: string;
  readonly name: string;
}

/** Parses `owner/name`; undefined for anything else. */
export function parseRepositoryName(
  fullName: string,
): RepositoryName | undefined {
  const match = /^([A-Za-z0-9][A-Za-z0-9-]{0,99})\/([\w.-]{1,100})$/.exec(
    fullName,
  );
  const [, owner, name] = match ?? [];
  if (owner === undefined || name === undefined) return undefined;
  return name === "." || name === ".." ? undefined : { owner, name };
}

/** `owner/name`. */
export function fullNameOf({ owner, name }: RepositoryName): string {
  return `${owner}/${name}`;
}
