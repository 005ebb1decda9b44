export { exitCodes, type ExitCode } from "./exit-code.js";
export { runProgram, type Surroundings } from "./program.js";
export { processTerminal, type Terminal } from "./terminal/terminal.js";
