/** What a person means by an issue. */
export interface IssueReference {
  readonly issueNumber: number;
  /** `owner/name`, where it was said. */
  readonly repository: string | undefined;
}

const forms = [
  /^#?(?<number>\d{1,9})$/,
  /^(?<repository>[\w.-]+\/[\w.-]+)#(?<number>\d{1,9})$/,
  /^https?:\/\/[^/]+\/(?<repository>[\w.-]+\/[\w.-]+)\/issues\/(?<number>\d{1,9})(?:[#?].*)?$/,
];

/** Reads `12`, `#12`, `owner/name#12` or the address of an issue; undefined for anything else. */
export function parseIssueReference(text: string): IssueReference | undefined {
  for (const form of forms) {
    const groups = form.exec(text.trim())?.groups;
    if (groups?.["number"] !== undefined)
      return {
        issueNumber: Number(groups["number"]),
        repository: groups["repository"],
      };
  }
  return undefined;
}
