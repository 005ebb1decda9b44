import {
  buildSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  isUnionType,
  print,
  visit,
  parse,
} from "graphql";

/**
 * GitHub's schema cut down to the fields named. Arguments and input types stay whole, so that a query valid against
 * the cut is valid against the whole.
 */
export function extractGraphql(sdl, kept) {
  const schema = buildSchema(sdl, { assumeValid: true });
  const names = new Set(Object.keys(kept));
  for (const [name, fields] of Object.entries(kept)) {
    const type = schema.getType(name);
    if (!isObjectType(type) && !isInterfaceType(type))
      throw new Error(`GitHub's schema has no type ${name}.`);
    for (const field of fields) {
      const definition = type.getFields()[field];
      if (definition === undefined)
        throw new Error(`GitHub's schema has no ${name}.${field}.`);
      reach(getNamedType(definition.type), names, kept);
      definition.args.forEach((argument) =>
        reach(getNamedType(argument.type), names, kept),
      );
    }
  }
  return print(cut(parse(sdl, { noLocation: true }), names, kept));
}

function reach(type, names, kept) {
  if (names.has(type.name) || isSpecifiedScalarType(type)) return;
  if (isObjectType(type) || isInterfaceType(type) || isUnionType(type)) {
    throw new Error(
      `A kept field names the type ${type.name}, which is not kept.`,
    );
  }
  names.add(type.name);
  if (isInputObjectType(type)) {
    Object.values(type.getFields()).forEach((field) =>
      reach(getNamedType(field.type), names, kept),
    );
  } else if (!isScalarType(type) && !isEnumType(type)) {
    throw new Error(`Unknown kind of type ${type.name}.`);
  }
}

function cut(document, names, kept) {
  const composite = (node) => ({
    ...node,
    description: undefined,
    directives: [],
    interfaces: node.interfaces.filter((parent) =>
      names.has(parent.name.value),
    ),
    fields: node.fields.filter((field) =>
      kept[node.name.value].includes(field.name.value),
    ),
  });
  const only = (enter) => ({
    enter: (node) => (names.has(node.name.value) ? enter(node) : null),
  });
  const plain = (node) => ({ ...node, description: undefined, directives: [] });
  return visit(document, {
    DirectiveDefinition: () => null,
    UnionTypeDefinition: () => null,
    ObjectTypeDefinition: only(composite),
    InterfaceTypeDefinition: only(composite),
    InputObjectTypeDefinition: only(plain),
    EnumTypeDefinition: only(plain),
    ScalarTypeDefinition: only(plain),
    FieldDefinition: plain,
    InputValueDefinition: plain,
    EnumValueDefinition: plain,
  });
}
