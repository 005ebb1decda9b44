#!/usr/bin/env node
// Speaks as Claude Code does. A director tells it at which second its provider's quota is back, or lets it begin; once it has
// said something it asks the director whether to go on, and then mends the sum.
import { readFileSync, writeFileSync } from "node:fs";

const director = /director at port (\d+)/.exec(readFileSync(0, "utf8"))?.[1];
const ask = async () => (await fetch(`http://127.0.0.1:${director}/`)).text();
const session_id = "s";
const say = (line) => process.stdout.write(`${JSON.stringify({ ...line, session_id })}\n`);

say({ type: "system", subtype: "init", model: "claude", tools: [] });
const told = await ask();
if (told === "begin") {
  const content = [{ type: "text", text: "I look at the sum." }];
  const usage = { input_tokens: 100, output_tokens: 10 };
  say({ type: "assistant", message: { id: "m", role: "assistant", content, usage } });
  await ask();
  writeFileSync("sum.mjs", "export const sum = (a, b) => a + b;\n");
  say({ type: "result", subtype: "success", is_error: false, result: "Mended." });
} else {
  const rate_limit_info = { status: "rejected", resetsAt: Number(told) };
  say({ type: "rate_limit_event", rate_limit_info });
  const result = "The usage limit is reached.";
  say({ type: "result", subtype: "success", is_error: true, api_error_status: 429, result });
  process.exitCode = 1;
}
