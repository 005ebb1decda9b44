import type { RawAnswer } from "./read-answer.js";

/** The names that GitHub's lists give to where they go on. */
const places = ["page", "after", "cursor"] as const;

/** What a list's next page has to be asked with; by number or by mark, as the list likes. */
export type NextPage = Readonly<
  Partial<Record<(typeof places)[number], string>>
>;

/** Where a list goes on, as its `link` header tells; undefined at its end. */
export function nextPage({ headers }: RawAnswer): NextPage | undefined {
  const next = /<([^>]*)>; rel="next"/.exec(String(headers?.["link"] ?? ""));
  if (!next?.[1] || !URL.canParse(next[1])) return undefined;
  const { searchParams } = new URL(next[1]);
  const given = places.flatMap((name) => {
    const place = searchParams.get(name);
    return place === null ? [] : [[name, place] as const];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
}
