import {
  getOperationAST,
  getVariableValues,
  GraphQLError,
  parse,
  validate,
} from "graphql";
import { githubSchema } from "../graphql/execute.js";
import type { JournalEntry } from "../http/journal.js";

/** What is wrong with a GraphQL request by GitHub's own schema. */
export function graphqlProblems(entry: JournalEntry): string[] {
  const {
    query,
    variables = {},
    operationName,
  } = isRequest(entry.body) ? entry.body : { query: "" };
  try {
    const document = parse(query);
    const errors = validate(githubSchema(), document);
    const operation = getOperationAST(document, operationName);
    const { errors: wrongVariables = [] } = getVariableValues(
      githubSchema(),
      operation?.variableDefinitions ?? [],
      variables,
    );
    return [...errors, ...wrongVariables].map((error) => error.message);
  } catch (error) {
    if (error instanceof GraphQLError) return [error.message];
    throw error;
  }
}

interface Request {
  readonly query: string;
  readonly variables?: Record<string, unknown>;
  readonly operationName?: string;
}

const isRequest = (body: unknown): body is Request =>
  typeof body === "object" &&
  body !== null &&
  "query" in body &&
  typeof body.query === "string";
