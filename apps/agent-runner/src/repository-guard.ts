import type { GuardPolicy } from "@pullwright/workspace";

/** What a repository's stored policy wishes of the guard; anything of the wrong form is no wish. */
export function repositoryGuard(wishes: unknown): Partial<GuardPolicy> {
  if (typeof wishes !== "object" || wishes === null) return {};
  const { block, review, max_files, max_file_bytes, max_total_bytes } =
    wishes as Record<string, unknown>; // Checked entry by entry below.
  return {
    ...(isTexts(block) ? { block } : {}),
    ...(isTexts(review) ? { review } : {}),
    ...(isCount(max_files) ? { maxFiles: max_files } : {}),
    ...(isCount(max_file_bytes) ? { maxFileBytes: max_file_bytes } : {}),
    ...(isCount(max_total_bytes) ? { maxTotalBytes: max_total_bytes } : {}),
  };
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((entry) => typeof entry === "string");

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
