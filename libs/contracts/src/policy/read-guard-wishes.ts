import { z } from "zod";
import type { guardWishes } from "./repository-policy.js";

/** Whatever of it is a text. */
const texts = z
  .array(z.unknown())
  .transform((list) => list.filter((entry) => typeof entry === "string"))
  .optional()
  .catch(undefined);
const count = z.int().nonnegative().optional().catch(undefined);

const readable = z
  .object({
    block: texts,
    review: texts,
    max_files: count,
    max_file_bytes: count,
    max_total_bytes: count,
  } satisfies Record<keyof z.output<typeof guardWishes>, z.ZodType>)
  .catch({});

/**
 * What a stored policy wishes of the guard: one reading for whoever pushes and whoever publishes. What is missing or
 * malformed is no wish, and the installation's own guard holds.
 */
export function readGuardWishes({ guard }: Readonly<Record<string, unknown>>) {
  const wishes = readable.parse(guard);
  return {
    block: wishes.block,
    review: wishes.review,
    maxFiles: wishes.max_files,
    maxFileBytes: wishes.max_file_bytes,
    maxTotalBytes: wishes.max_total_bytes,
  };
}
