#!/usr/bin/env node
import { loadCliConfig } from "@pullwright/platform";
import { runProgram } from "./program.js";
import { Output } from "./terminal/output.js";
import { processTerminal } from "./terminal/terminal.js";

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort()); // The second one ends the program at once.
const output = new Output(process.stdout, process.stderr);

process.exitCode = await output.settle(
  await runProgram(process.argv.slice(2), {
    terminal: processTerminal(output, loadCliConfig().isColourWanted),
    signal: interrupted.signal,
    lost: output.lost,
  }),
);
