// One Postgres for a whole test run. Jest's own process keeps it, so that every worker can share it and none can
// leave it behind; it starts when the first spec asks, so that runs without a database stay fast.
import "./register-typescript.mjs";

export default async function setUp() {
  const { whatIsLeftOut } = await import("../libs/testing/src/redis-server.ts");
  const leftOut = whatIsLeftOut();
  if (leftOut !== null) process.stderr.write(`${leftOut}\n`);
  const { startPostgresKeeper } =
    await import("../libs/testing/src/postgres-keeper.ts");
  globalThis.postgresKeeper = await startPostgresKeeper();
  process.env.PULLWRIGHT_TEST_POSTGRES = globalThis.postgresKeeper.url;
}
