import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { transform } from "@swc/core";

/** Resolves workspace packages to their sources, and `./x.js` to the `x.ts` that is on disk. */
export async function resolve(specifier, context, nextResolve) {
  const conditions = [...context.conditions, "@pullwright/source"];
  if (
    specifier.startsWith(".") &&
    specifier.endsWith(".js") &&
    context.parentURL?.endsWith(".ts")
  ) {
    const source = new URL(
      specifier.replace(/\.js$/, ".ts"),
      context.parentURL,
    );
    if (existsSync(fileURLToPath(source)))
      return { url: source.href, format: "module", shortCircuit: true };
  }
  return nextResolve(specifier, { ...context, conditions });
}

/** Strips the types; nothing is checked here. */
export async function load(url, context, nextLoad) {
  if (!url.startsWith("file:") || !url.endsWith(".ts"))
    return nextLoad(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, "utf8"), {
    filename,
    swcrc: false,
    sourceMaps: "inline",
    jsc: {
      parser: { syntax: "typescript", decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
      target: "es2023",
      keepClassNames: true,
    },
    module: { type: "es6" },
  });
  return { format: "module", source: code, shortCircuit: true };
}
