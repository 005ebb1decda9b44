// Starts the embedded Postgres of a folder, prints where it is, and stops it when told to on stdin.
import { startEmbeddedPostgres } from "../embedded-postgres.js";

const [dataDir = ""] = process.argv.slice(2);
const log: string[] = [];
const postgres = await startEmbeddedPostgres({ dataDir, onLog: (message) => log.push(message) });
const { url, folder } = postgres;
process.stdout.write(`${JSON.stringify({ url, folder, log, uid: process.getuid?.() })}\n`);
process.stdin.once("data", () => {
  void postgres.stop().then(() => process.exit(0));
});
