import { freePort } from "../free-port.js";

// Tells its parent as many ports as it was asked for, and lives until that hangs up.
const ports = await Promise.all(Array.from({ length: Number(process.argv[2]) }, freePort));
process.send?.(ports);
process.once("disconnect", () => process.exit(0));
