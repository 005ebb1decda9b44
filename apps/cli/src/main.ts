#!/usr/bin/env node
import { loadCliConfig } from "@pullwright/platform";
import { runProgram } from "./program.js";
import { processTerminal } from "./terminal/terminal.js";

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort()); // The second one ends the program at once.
// A reader that has enough, such as `head`, is no error.
process.stdout.on("error", () => process.exit(0));

process.exitCode = await runProgram(process.argv.slice(2), {
  terminal: processTerminal(loadCliConfig().isColourWanted),
  signal: interrupted.signal,
});
