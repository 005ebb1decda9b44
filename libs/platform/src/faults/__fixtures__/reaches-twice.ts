import { writeSync } from "node:fs";
import { armKillPoint, parseStrike, reach } from "../kill-point.js";

const strike = parseStrike(process.argv[2] ?? "");
if (typeof strike === "string") throw new Error(strike);
armKillPoint(strike);
reach("runner.claimed");
writeSync(1, "once\n");
reach("runner.claimed");
writeSync(1, "twice\n");
