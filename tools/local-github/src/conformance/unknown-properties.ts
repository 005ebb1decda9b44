type Schema = Readonly<Record<string, unknown>>;

/**
 * Names of fields that a body has and its schema does not. GitHub ignores such fields in silence, so a client that
 * misspells one would never learn of it.
 */
export function unknownProperties(
  resolve: (schema: Schema) => Schema,
  schema: Schema,
  value: unknown,
  path = "",
): string[] {
  if (Array.isArray(value)) {
    const items = branches(resolve, schema).flatMap((branch) =>
      isSchema(branch["items"]) ? [branch["items"]] : [],
    );
    const [one] = items;
    if (one === undefined) return [];
    return value.flatMap((item, index) =>
      unknownProperties(
        resolve,
        items.length === 1 ? one : { anyOf: items },
        item,
        `${path}/${index}`,
      ),
    );
  }
  if (!isSchema(value)) return [];
  const all = branches(resolve, schema);
  const isOpen = all.some(
    (branch) =>
      branch["additionalProperties"] !== undefined &&
      branch["additionalProperties"] !== false,
  );
  const isFree = all.every((branch) => branch["properties"] === undefined);
  if (isOpen || isFree) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = all.flatMap((branch) => {
      const property = isSchema(branch["properties"])
        ? branch["properties"][name]
        : undefined;
      return isSchema(property) ? [property] : [];
    });
    const [one] = known;
    if (one === undefined) return [`${path}/${name}`];
    return unknownProperties(
      resolve,
      known.length === 1 ? one : { anyOf: known },
      inner,
      `${path}/${name}`,
    );
  });
}

/** A schema and every alternative in it, references followed. */
function branches(
  resolve: (schema: Schema) => Schema,
  schema: Schema,
): Schema[] {
  const found = resolve(schema);
  const parts = ["oneOf", "anyOf", "allOf"].flatMap((key) => {
    const list = found[key];
    return Array.isArray(list) ? list.filter(isSchema) : [];
  });
  return [found, ...parts.flatMap((part) => branches(resolve, part))];
}

const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
