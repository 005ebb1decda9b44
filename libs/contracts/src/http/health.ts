import { z } from "zod";

const check = z.object({
  status: z.enum(["ok", "failed"]),
  duration_ms: z.number(),
  reason: z.string().optional(),
});

export const health = z
  .object({ status: z.literal("ok"), version: z.string() })
  .meta({ id: "Health" });

export const readiness = z
  .object({
    status: z.enum(["ok", "unavailable"]),
    version: z.string(),
    checks: z.record(z.string(), check),
  })
  .meta({ id: "Readiness" });
