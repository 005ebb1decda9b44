import { readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";

type Schema = Readonly<Record<string, unknown>>;

/** One operation as GitHub publishes it. */
export interface Operation {
  readonly query: Readonly<
    Record<string, { readonly required?: boolean; readonly schema: Schema }>
  >;
  readonly path: Readonly<Record<string, { readonly schema: Schema }>>;
  readonly body?: { readonly required: boolean; readonly schema: Schema };
  /** By status; `null` where GitHub documents an answer without JSON. */
  readonly responses: Readonly<Record<string, Schema | null>>;
}

interface SchemaFile {
  readonly schemas: Readonly<Record<string, Schema>>;
}

const COMPONENTS = "#/components/schemas/";

/** The schemas of one of GitHub's published files, compiled when first needed. */
export class PublishedSchemas {
  readonly #strict: Compiler;
  /** For what arrives as text: query and path. */
  readonly #coercing: Compiler;
  readonly #components = new Map<string, Schema>();

  constructor(private readonly file: SchemaFile) {
    const schemas = localised(file.schemas) as SchemaFile["schemas"];
    const options = {
      strict: true,
      strictTypes: false,
      strictRequired: false,
      allErrors: true,
      // Every spec compiles them anew and asks them few questions: with these, compiling takes half of the time.
      inlineRefs: false,
      validateSchema: false,
      code: { optimize: false },
    } as const;
    this.#strict = new Compiler(new Ajv(options), schemas);
    this.#coercing = new Compiler(
      new Ajv({ ...options, coerceTypes: "array" }),
      schemas,
    );
  }

  /** What is wrong with a value, one sentence each; nothing when it conforms. */
  problems(schema: Schema, value: unknown): string[] {
    return problemsBy(this.#strict.of(schema), value);
  }

  problemsOfText(schema: Schema, text: string): string[] {
    const validate = this.#coercing.of(schema, (value) => ({
      type: "object",
      properties: { value },
    }));
    return problemsBy(validate, { value: text });
  }

  /** The schema of a component, by GitHub's name; the same each time, as it is compiled once. */
  component(name: string): Schema {
    const known = this.#components.get(name) ?? {
      $ref: `${COMPONENTS}${name}`,
    };
    this.#components.set(name, known);
    return known;
  }

  resolve(schema: Schema): Schema {
    const { $ref } = schema;
    if (typeof $ref !== "string") return schema;
    return this.resolve(this.file.schemas[$ref.slice(COMPONENTS.length)] ?? {});
  }
}

/** Compiles each schema once, when it is first needed. */
class Compiler {
  readonly #compiled = new WeakMap<Schema, ValidateFunction>();

  constructor(
    private readonly ajv: Ajv,
    components: SchemaFile["schemas"],
  ) {
    addFormats.default(ajv);
    // A format of GitHub's own: `owner/name`.
    ajv.addFormat("repo.nwo", /^[^/]+\/[^/]+$/);
    for (const [name, schema] of Object.entries(components))
      ajv.addSchema(schema, `github:${name}`);
  }

  of(
    schema: Schema,
    within: (schema: Schema) => Schema = (same) => same,
  ): ValidateFunction {
    const known =
      this.#compiled.get(schema) ??
      this.ajv.compile(localised(within(schema)) as Schema);
    this.#compiled.set(schema, known);
    return known;
  }
}

function problemsBy(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    (error) =>
      `${error.instancePath || "/"} ${error.message ?? "is wrong"} ${JSON.stringify(error.params)}`,
  );
}

/** A copy whose references lead to the schemas as Ajv was given them, one by one. */
const localised = (schemas: Schema): unknown =>
  JSON.parse(
    JSON.stringify(schemas).replaceAll(
      `"$ref":"${COMPONENTS}`,
      '"$ref":"github:',
    ),
  );

/** Reads one of the files that `e2e/github-schemas` extracts. */
export function readFixture(
  name: "github-rest.json" | "github-webhooks.json",
): unknown {
  return JSON.parse(
    readFileSync(
      new URL(`../../__fixtures__/${name}`, import.meta.url),
      "utf8",
    ),
  );
}
