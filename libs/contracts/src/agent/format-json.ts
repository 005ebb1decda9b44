const WIDTH = 80;

/**
 * JSON as the repository's formatter writes it: objects over several lines, arrays of scalars on one line
 * where they fit. A generated file in that form passes the format check and needs no exception.
 */
export function formatJson(value: unknown): string {
  return `${print(value, "", 0)}\n`;
}

function print(value: unknown, indent: string, reserved: number): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items: unknown[] = value;
    if (items.length === 0) return "[]";
    const oneLine = `[${items.map((item) => JSON.stringify(item)).join(", ")}]`;
    const fits = indent.length + reserved + oneLine.length <= WIDTH;
    if (fits && items.every(isScalar)) return oneLine;
    return `[\n${items.map((item) => inner + print(item, inner, 1)).join(",\n")}\n${indent}]`;
  }
  if (isScalar(value)) return JSON.stringify(value);
  const entries = Object.entries(value as object); // a JSON value that is neither array nor scalar
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, field]) => {
    const head = `${JSON.stringify(key)}: `;
    return inner + head + print(field, inner, head.length + 1);
  });
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

function isScalar(value: unknown): boolean {
  return value === null || typeof value !== "object";
}
