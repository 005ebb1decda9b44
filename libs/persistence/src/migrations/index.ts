import { Initial1795200000000 } from "./1795200000000-initial.js";
import { RetentionAndAudit1795300600000 } from "./1795300600000-retention-and-audit.js";

/** In the order in which they run. */
export const migrations = [
  Initial1795200000000,
  RetentionAndAudit1795300600000,
];
