#!/usr/bin/env node
// Speaks as Claude Code does: tells how it was launched, and mends the sum.
import { readFileSync, writeFileSync } from "node:fs";

readFileSync(0, "utf8");
writeFileSync("sum.mjs", "export const sum = (a, b) => a + b;\n");
const launched = {
  argv: process.argv.slice(2),
  variables: Object.keys(process.env).sort(),
};
const text = `launched ${JSON.stringify(launched)}`;
for (const line of [
  { type: "system", subtype: "init", session_id: "s", model: "told", tools: [] },
  {
    type: "assistant",
    message: { id: "m", role: "assistant", content: [{ type: "text", text }] },
    session_id: "s",
  },
  { type: "result", subtype: "success", is_error: false, result: "Mended.", session_id: "s" },
])
  console.log(JSON.stringify(line));
