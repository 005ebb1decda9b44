/**
 * What a request is for. When a quota runs low, the first keep going longest.
 *
 * `control`: what a person asked for, such as a cancel or a merge, and what a run cannot end without. `status`: what
 * people read, comments and labels. `discovery`: looking for what nobody has told.
 */
export const requestClasses = ["control", "status", "discovery"] as const;
export type RequestClass = (typeof requestClasses)[number];

/** The part of a quota that a class leaves to those before it. */
export const reserves: Readonly<Record<RequestClass, number>> = {
  control: 0,
  status: 0.1,
  discovery: 0.25,
};
