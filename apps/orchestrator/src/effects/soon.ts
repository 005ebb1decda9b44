import type { ClaimedEffect } from "@pullwright/persistence";

/** By then the doorbell that brought us here is gone; before, the same ring would be swallowed. */
const SOON_MS = 1_000;

/** The next moment at which an effect can be taken up, on the database's clock. */
export const soon = ({ now }: Pick<ClaimedEffect, "now">): Date =>
  new Date(now().getTime() + SOON_MS);
