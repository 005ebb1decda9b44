import type { Route } from "../http/exchange.js";
import { appRoutes } from "./app-routes.js";
import { checkRoutes } from "./check-routes.js";
import { commentRoutes } from "./comment-routes.js";
import { commitRoutes } from "./commit-routes.js";
import { contentRoutes } from "./content-routes.js";
import { eventRoutes } from "./event-routes.js";
import { hookRoutes } from "./hook-routes.js";
import { issueRoutes } from "./issue-routes.js";
import { labelRoutes } from "./label-routes.js";
import { mergeRoutes } from "./merge-routes.js";
import { metaRoutes } from "./meta-routes.js";
import { pullRoutes } from "./pull-routes.js";
import { reactionRoutes } from "./reaction-routes.js";
import { refRoutes } from "./ref-routes.js";
import { repositoryRoutes } from "./repository-routes.js";
import { reviewRoutes } from "./review-routes.js";
import { statusRoutes } from "./status-routes.js";

/** Every REST endpoint served. The first that matches answers, so `/commits/{ref}/status` stands before `/commits/{ref}`. */
export const routes: readonly Route[] = [
  ...metaRoutes,
  ...appRoutes,
  ...statusRoutes,
  ...checkRoutes,
  ...repositoryRoutes,
  ...commitRoutes,
  ...contentRoutes,
  ...refRoutes,
  ...issueRoutes,
  ...labelRoutes,
  ...commentRoutes,
  ...reactionRoutes,
  ...eventRoutes,
  ...pullRoutes,
  ...mergeRoutes,
  ...reviewRoutes,
  ...hookRoutes,
];
