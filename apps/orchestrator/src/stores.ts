import type { Stores } from "@pullwright/persistence";

/** Reads runs. */
export type RunLoader = Stores["runs"];
