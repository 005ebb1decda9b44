import { HttpError } from "./http-error.js";

/** The JSON object a client sent, read field by field; what is missing or of the wrong type is a 422 that names it. */
export class RequestBody {
  readonly #fields: Readonly<Record<string, unknown>>;

  constructor(readonly value: unknown) {
    this.#fields = isRecord(value) ? value : {};
  }

  /** The body of a request as bytes; GitHub answers 400 to what is not JSON. */
  static parse(text: string): RequestBody {
    if (text.trim() === "") return new RequestBody(undefined);
    try {
      return new RequestBody(JSON.parse(text));
    } catch {
      throw new HttpError(400, "Problems parsing JSON");
    }
  }

  has(field: string): boolean {
    return this.#fields[field] !== undefined;
  }

  string(field: string): string {
    return this.optionalString(field) ?? refuse(`"${field}" wasn't supplied.`);
  }

  /** GitHub takes `null` for unset in most optional fields. */
  optionalString(field: string): string | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    return typeof value === "string"
      ? value
      : refuse(wrongType(field, value, "a string"));
  }

  boolean(field: string, fallback: boolean): boolean {
    const value = this.#fields[field];
    if (value === undefined || value === null) return fallback;
    return typeof value === "boolean"
      ? value
      : refuse(wrongType(field, value, "a boolean"));
  }

  choice<T extends string>(
    field: string,
    choices: readonly T[],
  ): T | undefined {
    const value = this.optionalString(field);
    if (value === undefined) return undefined;
    return (
      choices.find((choice) => choice === value) ??
      refuse(`"${field}" is not a member of ${choices.join(", ")}.`)
    );
  }

  strings(field: string): string[] | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value))
      return refuse(wrongType(field, value, "an array"));
    return value.map((item: unknown) =>
      typeof item === "string"
        ? item
        : refuse(wrongType(field, item, "a string")),
    );
  }

  object(field: string): RequestBody | undefined {
    const value = this.#fields[field];
    if (value === undefined || value === null) return undefined;
    return isRecord(value)
      ? new RequestBody(value)
      : refuse(wrongType(field, value, "an object"));
  }

  entries(): [string, unknown][] {
    return Object.entries(this.#fields);
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const wrongType = (field: string, value: unknown, wanted: string) =>
  `For 'properties/${field}', ${JSON.stringify(value)} is not ${wanted}.`;

function refuse(problem: string): never {
  throw new HttpError(422, `Invalid request.\n\n${problem}`);
}
