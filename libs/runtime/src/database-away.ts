import { AppError, messageOf } from "@pullwright/platform";

/** A program cannot start without Postgres; for people, who can mend that. */
export class DatabaseAway extends AppError {
  constructor(cause: unknown) {
    super(
      "database_unavailable",
      `Postgres does not answer: ${messageOf(cause)}. Start it, or name another one in DATABASE_URL.`,
      { expose: true },
    );
  }
}
