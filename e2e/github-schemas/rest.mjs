import { reachableSchemas, toJsonSchema } from "./json-schema.mjs";

/** The operations named, with parameters, request body and the JSON of each answer, and the schemas they reach. */
export function extractRest(api, names, corrections) {
  const resolve = (node) => {
    if (typeof node?.$ref !== "string") return node;
    const [, , section, name] = node.$ref.split("/");
    return api.components[section][name];
  };
  const operations = {};
  for (const name of names) {
    const [method, path] = name.split(" ");
    const operation = api.paths[path]?.[method.toLowerCase()];
    if (operation === undefined)
      throw new Error(`GitHub documents no ${name}.`);
    operations[name] = {
      query: parameters(operation.parameters ?? [], resolve, "query"),
      path: parameters(operation.parameters ?? [], resolve, "path"),
      ...body(resolve(operation.requestBody)),
      responses: {
        ...responses(operation.responses, resolve),
        ...corrections[name],
      },
    };
  }
  return {
    operations,
    schemas: reachableSchemas(operations, api.components.schemas),
  };
}

function parameters(list, resolve, place) {
  return Object.fromEntries(
    list
      .map(resolve)
      .filter((parameter) => parameter.in === place)
      .map((parameter) => [
        parameter.name,
        {
          ...(parameter.required && place === "query"
            ? { required: true }
            : {}),
          schema: toJsonSchema(parameter.schema),
        },
      ]),
  );
}

function body(requestBody) {
  const schema = requestBody?.content?.["application/json"]?.schema;
  return schema === undefined
    ? {}
    : {
        body: {
          required: requestBody.required === true,
          schema: toJsonSchema(schema),
        },
      };
}

function responses(all, resolve) {
  return Object.fromEntries(
    Object.entries(all).map(([status, response]) => {
      const content = resolve(response).content ?? {};
      const schema = content["application/json"]?.schema;
      return [status, schema === undefined ? null : toJsonSchema(schema)];
    }),
  );
}
