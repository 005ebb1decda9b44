import type { Repository } from "./model.js";

/** `owner/name` as GitHub spells it. */
export const fullName = (repository: Repository): string =>
  `${repository.owner.login}/${repository.name}`;
