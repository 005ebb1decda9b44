import type { Endpoint } from "@pullwright/contracts";
import type { RequestParts } from "./valid-requests.js";

/** What nobody means, or what no store can keep. */
export const rubbish: readonly string[] = [
  "NaN",
  "Infinity",
  "1e9",
  "-1",
  "0x10",
  "99999999999999999999",
  "9007199254740993",
  "0000-01-01",
  "0000-01-01T00:00:00Z",
  "9999-12-31",
  "9999-12-31T23:59:59Z",
  "' OR 1=1; --",
  "a\r\nSet-Cookie: x=y",
  "__proto__",
  "constructor",
  "../../../etc/passwd",
  "\u0000",
  "\ud800",
  "😀‮",
  "\u2028",
  " ",
  "[object Object]",
  "<script>alert(1)</script>",
  "${7*7}",
  "x".repeat(300),
];

const DEPTH = 2_000;
const deep = (wrap: (inner: unknown) => unknown) => {
  let value: unknown = "deep";
  for (let n = 0; n < DEPTH; n += 1) value = wrap(value);
  return value;
};
const hostile = ["\u0000", "\ud800", "__proto__", "x".repeat(300)];

/** What may stand in JSON in place of anything. */
const substitutes: readonly unknown[] = [
  ...rubbish,
  ...[null, true, false, 0, -0, -1, 0.5, 1e308, 1e-9, 2 ** 53, "", {}, [], [[]]],
  ...hostile.flatMap((text) => [[text], { [text]: text }]),
  deep((inner) => [inner]),
  deep((inner) => ({ inner })),
];

export interface SpoiledRequest {
  readonly path: string;
  /** What a refusal has to name; empty for a body that is rubbish as a whole. */
  readonly field: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** A valid request with rubbish in one place, for every place in turn and everything that can stand there. */
export function* spoiled(endpoint: Endpoint, valid: RequestParts): Generator<SpoiledRequest> {
  const { query = {}, headers = {}, body } = valid;
  const rest = { headers, ...(body === undefined ? {} : { body }) };
  const path = pathOf(endpoint, valid);
  const search = new URLSearchParams(query).toString();
  for (const value of rubbish) {
    for (const name of Object.keys(valid.params ?? {})) {
      const params = { ...valid.params, [name]: value };
      yield { ...rest, field: isLone(value) ? "url" : name, path: `${pathOf(endpoint, { params })}?${search}` };
    }
    for (const key of new Set([...Object.keys(query), ...Object.keys(endpoint.query?.shape ?? {}), value])) {
      const pair = `${encoded(key)}=${encoded(value)}`;
      const others = new URLSearchParams(query);
      others.delete(key);
      const field = isLone(key) ? encoded(key) : key;
      yield { ...rest, field, path: `${path}?${others.toString()}&${pair}` };
      if (key in query && value === rubbish[0]) yield { ...rest, field, path: `${path}?${search}&${pair}` };
    }
    // Node sends no other bytes in a header; rows of bad-requests.spec.ts write them by hand.
    if (/^[\x20-\x7e]+$/.test(value))
      for (const key of ["accept", ...Object.keys(endpoint.headers?.shape ?? {})])
        yield { ...rest, field: key, path: `${path}?${search}`, headers: { ...headers, [key]: value } };
  }
  if (body !== undefined)
    for (const { at, variant } of variants(body)) {
      const text = asText(variant);
      // Refused before anything is parsed.
      const field = text.includes('"__proto__":') ? "body" : at.join(".");
      yield { field, path: `${path}?${search}`, headers, body: text };
    }
}

/** The address of a valid request. */
export function addressOf(endpoint: Endpoint, valid: RequestParts): string {
  return `${pathOf(endpoint, valid)}?${new URLSearchParams(valid.query).toString()}`;
}

function pathOf({ path }: Endpoint, { params = {} }: RequestParts): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined) throw new Error(`the valid request names no ${name} for ${path}`);
    return encoded(value);
  });
}

interface Variant {
  readonly variant: unknown;
  /** Which place of it that is. */
  readonly at: readonly string[];
}

/** The same JSON with one place changed, left out or added. */
function* variants(value: unknown): Generator<Variant> {
  for (const variant of substitutes) yield { variant, at: [] };
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value;
    for (const [index, item] of items.entries())
      for (const { variant, at } of variants(item)) yield { variant: items.with(index, variant), at: [index.toString(), ...at] };
    yield { variant: Array<unknown>(1_000).fill(items[0]), at: [] };
  } else if (typeof value === "object" && value !== null) {
    for (const [key, field] of Object.entries(value)) {
      for (const { variant, at } of variants(field)) yield { variant: { ...value, [key]: variant }, at: [key, ...at] };
      yield { variant: Object.fromEntries(Object.entries(value).filter(([other]) => other !== key)), at: [key] };
    }
    for (const key of rubbish) yield { variant: { ...value, [key]: "x" }, at: [key] };
  }
}

/** As it is sent: a text stands in quotation marks here, too. */
const asText = (value: unknown) => JSON.stringify(value);

/** A lone surrogate has no address; these are the bytes that some would make of it. */
const encoded = (text: string) => (isLone(text) ? "%ED%A0%80" : encodeURIComponent(text));
const isLone = (text: string) => /\p{Surrogate}/u.test(text);
