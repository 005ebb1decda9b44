/** Keywords that say nothing about validity; dropping them halves the size. */
const SILENT = new Set([
  "description",
  "title",
  "example",
  "examples",
  "externalDocs",
  "deprecated",
  "discriminator",
  "readOnly",
  "default",
]);

/**
 * OpenAPI 3.0's schema dialect as plain JSON Schema: `nullable` becomes the type `null`, with or without a `type`
 * beside it, and everything that validates nothing is dropped.
 */
export function toJsonSchema(schema) {
  if (typeof schema !== "object" || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map(toJsonSchema);
  const out = {};
  for (const [key, value] of Object.entries(schema)) {
    if (SILENT.has(key) || key.startsWith("x-") || key === "nullable") continue;
    out[key] = convert(key, value);
  }
  return schema.nullable === true ? orNull(out) : out;
}

function convert(key, value) {
  if (key === "properties") {
    return Object.fromEntries(
      Object.entries(value).map(([name, property]) => [
        name,
        toJsonSchema(property),
      ]),
    );
  }
  if (
    [
      "items",
      "additionalProperties",
      "not",
      "oneOf",
      "anyOf",
      "allOf",
    ].includes(key)
  )
    return toJsonSchema(value);
  return value;
}

function orNull(schema) {
  if (typeof schema.type === "string") {
    const rest =
      schema.enum && !schema.enum.includes(null)
        ? { enum: [...schema.enum, null] }
        : {};
    return { ...schema, type: [schema.type, "null"], ...rest };
  }
  return { anyOf: [schema, { type: "null" }] };
}

const REFERENCE = "#/components/schemas/";

/** Every component schema that `roots` reach, by name, converted. */
export function reachableSchemas(roots, components) {
  const found = {};
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node !== "object" || node === null) return;
    if (typeof node.$ref === "string" && node.$ref.startsWith(REFERENCE)) {
      const name = node.$ref.slice(REFERENCE.length);
      if (name in found) return;
      if (!(name in components))
        throw new Error(`The schema ${name} is referred to but not there.`);
      found[name] = toJsonSchema(components[name]);
      visit(found[name]);
      return;
    }
    Object.values(node).forEach(visit);
  };
  visit(roots);
  return Object.fromEntries(
    Object.entries(found).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
