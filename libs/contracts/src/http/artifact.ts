import { z } from "zod";
import { digits, limit, moment } from "./fields.js";

export const httpArtifactKinds = [
  "plan",
  "diff",
  "transcript",
  "test_report",
] as const;

/** A kept file; its content has an address of its own. */
export const artifact = z
  .object({
    id: z.uuid(),
    kind: z.enum(httpArtifactKinds),
    name: z.string(),
    phase: z.string(),
    execution: z.int(),
    content_type: z.string(),
    bytes: z.int(),
    sha256: z.string(),
    truncated: z.boolean(),
    created_at: moment,
  })
  .meta({ id: "Artifact" });
export type ArtifactShape = z.output<typeof artifact>;

export const artifactQuery = z.strictObject({
  kind: z.enum(httpArtifactKinds).optional(),
  limit: limit(100),
  offset: digits({ min: 0, max: 1_000_000 }).optional(),
});

/** What a phase gave the next. */
export const handoff = z
  .object({
    id: z.uuid(),
    phase: z.string(),
    execution: z.int(),
    round: z.int(),
    content_md: z.string(),
    metadata: z.record(z.string(), z.unknown()),
    created_at: moment,
  })
  .meta({ id: "Handoff" });
