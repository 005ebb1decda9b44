import { DefaultNamingStrategy } from "typeorm";

const snake = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Columns are snake_case in Postgres and camelCase in TypeScript. */
export class SnakeNaming extends DefaultNamingStrategy {
  override columnName(
    propertyName: string,
    customName: string | undefined,
  ): string {
    return customName ?? snake(propertyName);
  }
}
