import type { ColumnOptions } from "typeorm";

const nullable = { nullable: true } as const;

/** Postgres sends `bigint` and `numeric` as text; ours stay below 2^53. */
const toNumber = {
  to: (value: number | null | undefined) => value,
  from: (value: string | null) => (value === null ? null : Number(value)),
};

/** The column types used by the entities, in one place so that they stay alike. */
export const moment: ColumnOptions = { type: "timestamptz" };
export const momentOrNull: ColumnOptions = { ...moment, ...nullable };
export const createdNow: ColumnOptions = { ...moment, default: () => "now()" };
export const text: ColumnOptions = { type: "text" };
export const textOrNull: ColumnOptions = { ...text, ...nullable };
export const integer: ColumnOptions = { type: "integer" };
export const integerOrNull: ColumnOptions = { ...integer, ...nullable };
export const smallInteger: ColumnOptions = { type: "smallint" };
export const zero: ColumnOptions = { ...integer, default: 0 };
export const bigZero: ColumnOptions = {
  type: "bigint",
  default: 0,
  transformer: toNumber,
};
export const big: ColumnOptions = { type: "bigint", transformer: toNumber };
export const bigOrNull: ColumnOptions = { ...big, ...nullable };
export const usd: ColumnOptions = {
  type: "numeric",
  precision: 14,
  scale: 6,
  default: 0,
  transformer: toNumber,
};
export const usdOrNull: ColumnOptions = {
  type: "numeric",
  precision: 14,
  scale: 6,
  nullable: true,
  transformer: toNumber,
};
export const uuid: ColumnOptions = { type: "uuid" };
export const uuidOrNull: ColumnOptions = { ...uuid, ...nullable };
export const json: ColumnOptions = { type: "jsonb" };
export const jsonOrNull: ColumnOptions = { ...json, ...nullable };
export const no: ColumnOptions = { type: "boolean", default: false };
export const yes: ColumnOptions = { type: "boolean", default: true };
export const textsOrNull: ColumnOptions = {
  type: "text",
  array: true,
  ...nullable,
};
export const texts: ColumnOptions = {
  type: "text",
  array: true,
  default: [],
};
