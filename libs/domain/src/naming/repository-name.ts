/** What GitHub calls accounts; `_` is in those that a company manages, such as `mona_octo`. */
const owner = /[A-Za-z0-9][\w-]{0,99}/.source;
/** `.` and `..` would be steps in a path. */
const name = /(?!\.{1,2}$)[\w.-]{1,100}/.source;

/** The account in `owner/name`. */
export const ownerPattern = new RegExp(`^${owner}$`);

/** The repository in `owner/name`. */
export const repositoryPattern = new RegExp(`^${name}$`);

/** `owner/name`. */
export const fullNamePattern = new RegExp(`^${owner}/${name}$`);
