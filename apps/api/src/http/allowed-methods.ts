import { endpoints, type Endpoint } from "@pullwright/contracts";

const routes = Object.values<Endpoint>(endpoints).map(({ method, path }) => ({
  method,
  pattern: new RegExp(
    `^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`,
  ),
}));

/** Every method that some address takes. */
export const knownMethods: readonly string[] = [
  ...new Set(routes.map(({ method }) => method)),
];

/** The methods that an address takes; none for an unknown one. */
export function allowedMethods(url: string): string[] {
  const [path = ""] = url.split("?", 1);
  const found = routes.filter(({ pattern }) => pattern.test(path));
  return [...new Set(found.map(({ method }) => method))];
}
