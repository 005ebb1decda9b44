import { readFile } from "node:fs/promises";
import { describe, expect, it } from "@jest/globals";
import { policyMoneyFields } from "@pullwright/domain";
import { z } from "zod";
import { readGuardWishes } from "./read-guard-wishes.js";
import { guardWishes, repositoryPolicy } from "./repository-policy.js";

const page = new URL("../../../../docs/repository-policy.md", import.meta.url);

interface Described {
  readonly description?: string;
  readonly type?: string;
  readonly items?: Described;
  readonly minimum?: number;
  readonly maximum?: number;
}

const described = (schema: z.ZodObject): [string, Described][] =>
  Object.entries(schema.shape).map(([name, field]) => [
    name,
    z.toJSONSchema(field) as Described,
  ]);

function value({ type, items, minimum, maximum }: Described): string {
  switch (type) {
    case "array":
      return items?.type === "string" ? "list of texts" : "list of numbers";
    case "integer":
      return (maximum ?? 0) < 1_000
        ? `whole number, ${String(minimum)} to ${String(maximum)}`
        : `whole number, ${String(minimum)} or more`;
    case "number":
      return `number, ${String(minimum)} to ${String(maximum)}`;
    case "boolean":
      return "true or false";
    default:
      return "object";
  }
}

const rowsOf = (prefix: string, schema: z.ZodObject) =>
  described(schema).map(([name, field]) => [
    `\`${prefix}${name}\``,
    value(field),
    field.description,
  ]);

describe("docs/repository-policy.md", () => {
  it("names every field, what it takes and what it means, as the schema does", async () => {
    const shown = (await readFile(page, "utf8"))
      .split("\n")
      .filter((line) => line.startsWith("| `"))
      .map((line) => line.split("|").slice(1, -1))
      .map((cells) => cells.map((cell) => cell.trim()));
    expect(shown).toEqual([
      ...rowsOf("", repositoryPolicy),
      ...rowsOf("guard.", guardWishes),
    ]);
  });
});

describe("a repository's policy", () => {
  it("has every limit of money that runs are held to", () => {
    expect(Object.keys(repositoryPolicy.shape)).toEqual(
      expect.arrayContaining([...policyMoneyFields]),
    );
  });
});

describe("what a stored policy wishes of the guard", () => {
  it("is all that the schema lets it wish", () => {
    const guard: z.output<typeof guardWishes> = {
      block: ["db/**"],
      review: ["api/**"],
      max_files: 1,
      max_file_bytes: 2,
      max_total_bytes: 3,
    };
    expect(readGuardWishes({ guard })).toEqual({
      block: ["db/**"],
      review: ["api/**"],
      maxFiles: 1,
      maxFileBytes: 2,
      maxTotalBytes: 3,
    });
  });

  it.each([undefined, null, "none", [], { block: "db/**", max_files: "1" }])(
    "is nothing where it says %j",
    (guard) => {
      const wishes = Object.values(readGuardWishes({ guard }));
      expect(wishes.every((wish) => wish === undefined)).toBe(true);
    },
  );

  it("is what can be used of it, field by field and entry by entry", () => {
    const guard = { block: ["db/**", 7], review: {}, max_files: -1, more: 1 };
    expect(readGuardWishes({ guard })).toEqual({ block: ["db/**"] });
  });
});
