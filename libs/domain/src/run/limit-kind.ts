/** Whose limit on phases at once may hold a phase back. */
export const limitKinds = ["installation", "repository", "agent"] as const;
export type LimitKind = (typeof limitKinds)[number];
