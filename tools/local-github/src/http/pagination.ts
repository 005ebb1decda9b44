import { ok, type Reply } from "./reply.js";

const DEFAULT_PER_PAGE = 30;
const MAX_PER_PAGE = 100;

/** One page of a list with GitHub's `Link` header; `wrap` puts the items into an object for the endpoints that do. */
export function paginated<T>(
  exchange: { readonly query: URLSearchParams; readonly url: URL },
  items: readonly T[],
  show: (item: T) => unknown,
  wrap: (page: unknown[]) => unknown = (page) => page,
): Reply {
  const perPage = Math.min(
    positive(exchange.query.get("per_page"), DEFAULT_PER_PAGE),
    MAX_PER_PAGE,
  );
  const page = positive(exchange.query.get("page"), 1);
  const lastPage = Math.max(1, Math.ceil(items.length / perPage));
  const link = linkHeader(exchange.url, page, lastPage);
  const body = wrap(
    items.slice((page - 1) * perPage, page * perPage).map(show),
  );
  return { ...ok(body), ...(link === "" ? {} : { headers: { link } }) };
}

function linkHeader(url: URL, page: number, lastPage: number): string {
  const to = (target: number, rel: string) => {
    const there = new URL(url);
    there.searchParams.set("page", String(target));
    return `<${there.href}>; rel="${rel}"`;
  };
  const links: string[] = [];
  if (page > 1) links.push(to(page - 1, "prev"));
  if (page < lastPage) links.push(to(page + 1, "next"), to(lastPage, "last"));
  if (page > 1) links.push(to(1, "first"));
  return links.join(", ");
}

function positive(text: string | null, fallback: number): number {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : fallback;
}
