// Ends in good order when asked: writes its last words after a moment.
process.once("SIGTERM", () => setTimeout(() => {
  process.stdout.write("tidied up\n");
  process.exit(0);
}, 100));
process.stdout.write("ready\n");
setInterval(() => undefined, 1_000);
