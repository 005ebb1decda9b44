import { createPrivateKey } from "node:crypto";
import { z } from "zod";
import { parseStrike, type Strike } from "../faults/kill-point.js";
import { redact } from "../logging/redact.js";

/** One environment variable: how it is read, and what people are told about it. */
export interface Setting<T> {
  readonly group: SettingGroup;
  /** One or two sentences for `.env.example` and the documentation. */
  readonly description: string;
  /** Never shown in an error or a log, and also readable from the file that `<NAME>_FILE` names. */
  readonly secret: boolean;
  /** What is written down as default; absent when there is none. */
  readonly defaultText: string | undefined;
  /** A value that would be accepted, for the documentation. */
  readonly example: string | undefined;
  /** Reads the variable; undefined when it is unset. */
  readonly schema: z.ZodType<T, string | undefined>;
}

/** The chapters of the documentation, in order. */
export const settingGroups = [
  "Storage and queue",
  "HTTP",
  "GitHub",
  "Polling",
  "Agents",
  "Runner",
  "Dispatch",
  "Heartbeat",
  "Retention",
  "Logging and files",
  "Faults",
] as const;
export type SettingGroup = (typeof settingGroups)[number];

interface About {
  readonly group: SettingGroup;
  readonly description: string;
  readonly example?: string;
}

function setting<T>(
  schema: Setting<T>["schema"],
  about: About,
  defaultText?: string,
  secret = false,
): Setting<T> {
  const { group, description, example } = about;
  return { schema, group, description, example, defaultText, secret };
}

/** Any text. */
export function text(about: About) {
  return setting<string | undefined>(z.string().optional(), about);
}

/** Any text, with a default. */
export function textOr(fallback: string, about: About) {
  return setting<string>(z.string().default(fallback), about, fallback);
}

/** Text that must not be seen. */
export function secret(about: About) {
  return setting<string | undefined>(
    z.string().optional(),
    about,
    undefined,
    true,
  );
}

/** A key that clients send as `Authorization: Bearer`: what no header holds, or the API takes for no key, would open nothing. */
export function bearerKey(about: About) {
  const problem =
    "must be up to 512 printable ASCII characters without spaces: no client can send another";
  const schema = z
    .string()
    .regex(/^[!-~]{1,512}$/, problem)
    .optional();
  return setting<string | undefined>(schema, about, undefined, true);
}

/** The private key of a GitHub App, which is RSA. */
export function appPrivateKey(about: About) {
  const problem =
    "must be the App's private key as GitHub gives it: the whole PEM file, from -----BEGIN RSA PRIVATE KEY----- to its END line";
  const schema = z.string().refine(isRsaPrivateKey, problem).optional();
  return setting<string | undefined>(schema, about, undefined, true);
}

function isRsaPrivateKey(text: string): boolean {
  try {
    return createPrivateKey(pemOf(text)).asymmetricKeyType === "rsa";
  } catch {
    return false;
  }
}

/** Files of environment variables cannot hold line ends; people write them as \n. */
export function pemOf(text: string): string {
  return text.replaceAll("\\n", "\n");
}

/** A whole number within bounds. */
export function integer(
  fallback: number,
  bounds: { min: number; max: number },
  about: About,
) {
  return setting<number>(
    numeric(/^-?\d+$/, "a whole number", bounds).default(fallback),
    about,
    fallback.toString(),
  );
}

/** A whole number that may be left out. */
export function optionalInteger(
  bounds: { min: number; max: number },
  about: About,
) {
  return setting<number | undefined>(
    numeric(/^-?\d+$/, "a whole number", bounds).optional(),
    about,
  );
}

/** A number within bounds, or none. */
export function amount(bounds: { min: number; max: number }, about: About) {
  return setting<number | undefined>(
    numeric(/^-?\d+(\.\d+)?$/, "a number", bounds).optional(),
    about,
  );
}

function numeric(
  shape: RegExp,
  what: string,
  { min, max }: { min: number; max: number },
) {
  const problem = `must be ${what} from ${min.toString()} to ${max.toString()}`;
  return z
    .string()
    .refine(
      (value) =>
        shape.test(value) && Number(value) >= min && Number(value) <= max,
      problem,
    )
    .transform(Number);
}

/** Yes or no. */
export function flag(fallback: boolean, about: About) {
  const words: Record<string, boolean> = {
    true: true,
    1: true,
    yes: true,
    false: false,
    0: false,
    no: false,
  };
  const schema = z
    .string()
    .refine(
      (value) => Object.hasOwn(words, value.toLowerCase()),
      "must be true or false",
    )
    .transform((value) => words[value.toLowerCase()] ?? fallback)
    .default(fallback);
  return setting<boolean>(schema, about, fallback.toString());
}

/** One of some words. */
export function choice<const T extends string>(
  options: readonly T[],
  fallback: T,
  about: About,
  /** Other ways to write an option, such as `false` for `off`. */
  aliases: Readonly<Record<string, T>> = {},
) {
  const schema = z
    .string()
    .transform((text) => (Object.hasOwn(aliases, text) ? aliases[text] : text))
    .pipe(z.enum(options, `must be one of ${options.join(", ")}`))
    .default(fallback);
  return setting<T>(schema, about, fallback); // zod types an enum by its members; ours comes from outside.
}

/** An address with one of the protocols; a trailing slash is dropped. */
export function url(protocols: readonly string[], about: About) {
  return setting<string | undefined>(address(protocols).optional(), about);
}

/** An address, with a default. */
export function urlOr(
  fallback: string,
  protocols: readonly string[],
  about: About,
) {
  return setting<string>(address(protocols).default(fallback), about, fallback);
}

/** An address that carries a password, which must be readable as the address writes it. */
export function secretUrl(protocols: readonly string[], about: About) {
  const problem = `${addressProblem(protocols)}, with user name and password percent-encoded (% as %25, @ as %40, / as %2F)`;
  return setting<string | undefined>(
    address(protocols, problem, isPercentEncoded).optional(),
    about,
    undefined,
    true,
  );
}

const addressProblem = (protocols: readonly string[]) =>
  `must be an address that begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`;

function address(
  protocols: readonly string[],
  problem = addressProblem(protocols),
  isFit: (url: URL) => boolean = () => true,
) {
  return z
    .string()
    .refine((value) => {
      if (!URL.canParse(value)) return false;
      const url = new URL(value);
      return protocols.includes(url.protocol) && isFit(url);
    }, problem)
    .transform((value) =>
      value.startsWith("http") ? value.replace(/\/+$/, "") : value,
    );
}

/** A `%` that stands for itself fits in an address, and whoever takes the password out of it fails, or takes another one. */
function isPercentEncoded({ username, password, pathname }: URL): boolean {
  try {
    for (const part of [username, password, pathname]) decodeURIComponent(part);
    return true;
  } catch {
    return false;
  }
}

/** A comma-separated list whose every member fits; a refusal names those that do not. */
export function list(member: RegExp, problem: string, about: About) {
  const schema = z
    .string()
    .transform((value, context) => {
      const parts = value
        .split(",")
        .map((part) => part.trim())
        .filter((part) => part !== "");
      const unfit = parts.filter((part) => !member.test(part));
      if (unfit.length === 0) return parts;
      // An address with a password in it is soon pasted where a name belongs.
      const named = unfit.map((part) => JSON.stringify(redact(part)));
      context.addIssue(`${problem}, unlike ${named.join(", ")}`);
      return z.NEVER;
    })
    .default([]);
  return setting<string[]>(schema, about);
}

/** A program and its arguments: a path, or a JSON array of strings. No shell ever sees it. */
export function command(about: About) {
  const schema = z
    .string()
    .transform((value, context) => {
      if (!value.trimStart().startsWith("[")) return [value];
      const parsed = z
        .array(z.string().min(1))
        .nonempty()
        .safeParse(parseJson(value));
      if (parsed.success) return parsed.data;
      context.addIssue(
        'must be a path, or a JSON array of strings such as ["node", "agent.mjs"]',
      );
      return z.NEVER;
    })
    .optional();
  return setting<string[] | undefined>(schema, about);
}

/** A moment at which this process shall die. */
export function killPoint(about: About) {
  const schema = z
    .string()
    .transform((value, context): Strike => {
      const strike = parseStrike(value);
      if (typeof strike !== "string") return strike;
      context.addIssue(strike);
      return z.NEVER;
    })
    .optional();
  return setting<Strike | undefined>(schema, about);
}

function parseJson(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
