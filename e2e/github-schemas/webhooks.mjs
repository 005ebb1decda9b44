import { reachableSchemas, toJsonSchema } from "./json-schema.mjs";
import { shareRepeated } from "./share.mjs";

/** The payload schema of each webhook named (`issues-labeled`), and the schemas they reach. */
export function extractWebhooks(api, names) {
  const payloads = {};
  for (const name of names) {
    const schema =
      api.webhooks[name]?.post.requestBody?.content["application/json"]?.schema;
    if (schema === undefined)
      throw new Error(`GitHub documents no webhook ${name}.`);
    payloads[name] = toJsonSchema(schema);
  }
  return shareRepeated(
    payloads,
    reachableSchemas(payloads, api.components.schemas),
  );
}
