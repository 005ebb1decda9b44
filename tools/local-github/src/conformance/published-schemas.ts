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
  readonly #strict: Ajv;
  /** For what arrives as text: query and path. */
  readonly #coercing: Ajv;
  readonly #compiled = new WeakMap<Schema, ValidateFunction>();

  constructor(private readonly file: SchemaFile) {
    const options = {
      strict: true,
      strictTypes: false,
      strictRequired: false,
      allErrors: true,
    } as const;
    this.#strict = prepared(new Ajv({ ...options, verbose: true }), file);
    this.#coercing = prepared(
      new Ajv({ ...options, coerceTypes: "array" }),
      file,
    );
  }

  /** What is wrong with a value, one sentence each; nothing when it conforms. */
  problems(schema: Schema, value: unknown): string[] {
    return this.#run(this.#strict, schema, value);
  }

  problemsOfText(schema: Schema, text: string): string[] {
    return this.#run(
      this.#coercing,
      { type: "object", properties: { value: schema } },
      { value: text },
    );
  }

  /** The schema of a component, by GitHub's name. */
  component(name: string): Schema {
    return { $ref: `${COMPONENTS}${name}` };
  }

  resolve(schema: Schema): Schema {
    const { $ref } = schema;
    if (typeof $ref !== "string") return schema;
    return this.resolve(this.file.schemas[$ref.slice(COMPONENTS.length)] ?? {});
  }

  #run(ajv: Ajv, schema: Schema, value: unknown): string[] {
    let validate = this.#compiled.get(schema);
    if (validate === undefined) {
      validate = ajv.compile(localised(schema));
      this.#compiled.set(schema, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      (error) =>
        `${error.instancePath || "/"} ${error.message ?? "is wrong"} ${JSON.stringify(error.params)}`,
    );
  }
}

function prepared(ajv: Ajv, file: SchemaFile): Ajv {
  addFormats.default(ajv);
  // A format of GitHub's own: `owner/name`.
  ajv.addFormat("repo.nwo", /^[^/]+\/[^/]+$/);
  for (const [name, schema] of Object.entries(file.schemas))
    ajv.addSchema(localised(schema), `github:${name}`);
  return ajv;
}

/** Lets references lead to the schemas as Ajv was given them, one by one. */
const localised = (schema: Schema): Schema =>
  JSON.parse(
    JSON.stringify(schema).replaceAll(
      `"$ref":"${COMPONENTS}`,
      '"$ref":"github:',
    ),
  ) as Schema; // a copy of a schema

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
