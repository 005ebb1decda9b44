import type { JournalEntry } from "../http/journal.js";
import { PathTable } from "../http/path-table.js";
import {
  PublishedSchemas,
  readFixture,
  type Operation,
} from "./published-schemas.js";
import { unknownProperties } from "./unknown-properties.js";

interface RestFile {
  readonly source: string;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly schemas: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** Holds REST requests and answers to GitHub's published description of its API. */
export class RestConformance {
  readonly operationNames: readonly string[];
  readonly #schemas: PublishedSchemas;
  readonly #operations: PathTable<{
    readonly name: string;
    readonly operation: Operation;
  }>;

  constructor() {
    const file = readFixture("github-rest.json") as RestFile; // written by the extractor
    this.#schemas = new PublishedSchemas(file);
    this.operationNames = Object.keys(file.operations);
    const rows = Object.entries(file.operations).map(([name, operation]) => {
      const [method = "", path = ""] = name.split(" ");
      return { method, path, value: { name, operation } };
    });
    // `/commits/{ref}/status` has to be tried before `/commits/{ref}`.
    this.#operations = new PathTable(
      rows.sort((a, b) => b.path.length - a.path.length),
    );
  }

  /** The operation that a request asks for, as `METHOD /template`. */
  operationOf(entry: JournalEntry): string | undefined {
    return this.#operations.find(entry.method, entry.apiPath ?? "")?.value.name;
  }

  problems(entry: JournalEntry): string[] {
    const found = this.#operations.find(entry.method, entry.apiPath ?? "");
    if (found === undefined) return ["is no operation that is known here"];
    const { operation } = found.value;
    return [
      ...this.#parameterProblems(operation, entry, found.params),
      ...this.#bodyProblems(operation, entry),
      ...(entry.fault === undefined
        ? this.#answerProblems(operation, entry)
        : []),
    ];
  }

  #parameterProblems(
    operation: Operation,
    entry: JournalEntry,
    params: Readonly<Record<string, string>>,
  ): string[] {
    const problems: string[] = [];
    for (const [name, text] of Object.entries(entry.query)) {
      const parameter = operation.query[name];
      if (parameter === undefined) problems.push(`query: ${name} is not known`);
      else
        problems.push(
          ...this.#schemas
            .problemsOfText(parameter.schema, text)
            .map((problem) => `query ${name}: ${problem}`),
        );
    }
    for (const [name, { required }] of Object.entries(operation.query)) {
      if (required === true && entry.query[name] === undefined)
        problems.push(`query: ${name} is required`);
    }
    for (const [name, text] of Object.entries(params)) {
      const schema = operation.path[name]?.schema ?? {};
      problems.push(
        ...this.#schemas
          .problemsOfText(schema, text)
          .map((problem) => `path ${name}: ${problem}`),
      );
    }
    return problems;
  }

  #bodyProblems(operation: Operation, entry: JournalEntry): string[] {
    const { body } = operation;
    if (entry.body === undefined)
      return body?.required === true ? ["body: there is none"] : [];
    if (body === undefined) return ["body: none is taken"];
    const unknown = unknownProperties(
      (schema) => this.#schemas.resolve(schema),
      body.schema,
      entry.body,
    );
    return [
      ...this.#schemas
        .problems(body.schema, entry.body)
        .map((problem) => `body: ${problem}`),
      ...unknown.map((name) => `body: ${name} is not known`),
    ];
  }

  #answerProblems(operation: Operation, entry: JournalEntry): string[] {
    const { status, responseBody } = entry;
    const about = (problems: string[]) =>
      problems.map((problem) => `answer ${status}: ${problem}`);
    const schema = operation.responses[String(status)];
    if (status === 304 || (schema === null && status < 400))
      return responseBody === undefined ? [] : about(["has a body"]);
    // GitHub documents the errors of each operation incompletely; they all look the same.
    if (status >= 400)
      return about(
        this.#schemas.problems(
          schema ?? this.#schemas.component("basic-error"),
          responseBody,
        ),
      );
    if (schema === undefined || schema === null)
      return about(["is not documented"]);
    return about(this.#schemas.problems(schema, responseBody));
  }
}
