// Leaves a server behind in a session of its own, tells its pid, and ends well.
import { spawn } from "node:child_process";
const server = spawn(process.execPath, ["-e", "require('net').createServer().listen(0, '127.0.0.1')"], {
  detached: true,
  stdio: "ignore",
});
server.unref();
process.stdout.write(`${server.pid}\n`);
