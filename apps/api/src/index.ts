export { ApiModule } from "./api.module.js";
export {
  defaultLimits,
  type ApiLimits,
  type ApiOptions,
  type ApiParts,
  type ApiRuntime,
} from "./api-parts.js";
export {
  API_KEY_FILE,
  ensureFirstAdminKey,
  storeConfiguredAdminKey,
} from "./auth/first-admin-key.js";
export { registerRepository } from "./repositories/register-repository.js";
export { createApi, startApi, type RunningApi } from "./start-api.js";
