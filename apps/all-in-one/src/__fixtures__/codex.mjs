#!/usr/bin/env node
// Speaks as `codex exec --json` does, and mends the sum whatever it is asked: what it took it tells at its end alone.
import { readFileSync, writeFileSync } from "node:fs";

readFileSync(0, "utf8");
const say = (event) => console.log(JSON.stringify(event));
say({ type: "thread.started", thread_id: "00000000-0000-7000-8000-000000000001" });
say({ type: "turn.started" });
writeFileSync("sum.mjs", "export const sum = (a, b) => a + b;\n");
say({
  type: "item.completed",
  item: { id: "item_0", type: "agent_message", text: "# Plan\n\nMend the sum." },
});
say({
  type: "turn.completed",
  usage: { input_tokens: 100, cached_input_tokens: 0, output_tokens: 10 },
});
// As a CLI that tidies up before it ends.
await new Promise((resolve) => setTimeout(resolve, 500));
