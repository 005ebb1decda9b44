/** What all our hidden markers begin with; a comment that holds one is ours. */
export const OUR_MARKER = "<!-- pullwright:";
