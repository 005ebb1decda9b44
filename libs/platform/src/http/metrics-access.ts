import { bearerOf, type ServiceEndpointsOptions } from "./service-endpoints.js";

/** Finds what a key may do; null when it is no key. */
export type FindScopes = (
  key: string,
) => Promise<{ readonly scopes: readonly string[] } | null>;

/** Who may read the metrics: everybody where the configuration says so, else whoever has a key that may read. */
export function metricsAccess(
  mode: "open" | "protected",
  find: FindScopes,
): Pick<ServiceEndpointsOptions, "mayReadMetrics"> {
  if (mode === "open") return {};
  return {
    mayReadMetrics: async (request) => {
      const key = bearerOf(request);
      const found = key === undefined ? null : await find(key);
      return (
        found?.scopes.some((scope) => scope === "read" || scope === "admin") ??
        false
      );
    },
  };
}
