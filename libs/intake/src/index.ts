export { authorityOf, type Authority } from "./authority.js";
export { OUR_MARKER } from "./our-marker.js";
export { commentsOf, permittedComments } from "./permitted-comments.js";
export { saysSomething, snapshotOf } from "./snapshot.js";
