import { KnownKeys } from "./known-keys.js";
import { bearerOf, type ServiceEndpointsOptions } from "./service-endpoints.js";

interface Scoped {
  readonly scopes: readonly string[];
}

/** Finds what a key may do; null when it is no key. */
export type FindScopes = (key: string) => Promise<Scoped | null>;

/** Who may read the metrics: everybody where the configuration says so, else whoever has a key that may read. */
export function metricsAccess(
  mode: "open" | "protected",
  find: FindScopes,
): Pick<ServiceEndpointsOptions, "mayReadMetrics"> {
  if (mode === "open") return {};
  const keys = new KnownKeys<Scoped>(find);
  return {
    mayReadMetrics: async (request) => {
      const key = bearerOf(request);
      const found = key === undefined ? null : await keys.find(key);
      return (
        found?.scopes.some((scope) => scope === "read" || scope === "admin") ??
        false
      );
    },
  };
}
