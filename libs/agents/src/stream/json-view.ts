/** Longer lines are not parsed: 4 Mi characters are beyond any event worth having and cost 10 ms already. */
const MAX_JSON_LINE = 4 * 1024 * 1024;

/**
 * Reads foreign JSON without trusting any of it: a field of the wrong type is an absent field.
 *
 * One bad field must not cost the whole line, which is what a strict schema over a CLI's private format would do
 * at its next release.
 */
export class JsonView {
  private constructor(readonly fields: Readonly<Record<string, unknown>>) {}

  static of(value: unknown): JsonView {
    return new JsonView(isRecord(value) ? value : {});
  }

  /** The object on this line, or null when the line is anything else. */
  static ofLine(line: string): JsonView | null {
    if (line.length > MAX_JSON_LINE || !startsLikeObject(line)) return null;
    try {
      const value: unknown = JSON.parse(line);
      return isRecord(value) ? new JsonView(value) : null;
    } catch {
      return null;
    }
  }

  get(key: string): unknown {
    return Object.hasOwn(this.fields, key) ? this.fields[key] : undefined;
  }

  text(key: string): string | undefined {
    const value = this.get(key);
    return typeof value === "string" ? value : undefined;
  }

  number(key: string): number | undefined {
    const value = this.get(key);
    return typeof value === "number" && Number.isFinite(value)
      ? value
      : undefined;
  }

  /** A number of things: zero unless it is a whole number of at least that. */
  count(key: string): number {
    const value = this.number(key);
    return value !== undefined && Number.isSafeInteger(value) && value > 0
      ? value
      : 0;
  }

  is(key: string): boolean {
    return this.get(key) === true;
  }

  view(key: string): JsonView {
    return JsonView.of(this.get(key));
  }

  views(key: string): JsonView[] {
    const value = this.get(key);
    return Array.isArray(value) ? value.map((item) => JsonView.of(item)) : [];
  }

  texts(key: string): string[] {
    const value = this.get(key);
    return Array.isArray(value)
      ? value.filter((item) => typeof item === "string")
      : [];
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function startsLikeObject(line: string): boolean {
  for (let index = 0; index < line.length; index++) {
    const character = line[index];
    if (character === "{") return true;
    if (character !== " " && character !== "\t") return false;
  }
  return false;
}
