#!/usr/bin/env node
// Stands for a Claude Code whose provider has no quota left for hours.
const resetsAt = Math.floor(Date.now() / 1000) + 4 * 3600;
for (const line of [
  { type: "system", subtype: "init", session_id: "s", model: "claude", tools: [] },
  { type: "rate_limit_event", rate_limit_info: { status: "rejected", resetsAt }, session_id: "s" },
  {
    type: "result",
    subtype: "success",
    is_error: true,
    api_error_status: 429,
    result: "The usage limit is reached.",
    session_id: "s",
  },
])
  process.stdout.write(`${JSON.stringify(line)}\n`);
process.exitCode = 1;
