// Says that it is ready, then ignores every polite request to end.
process.on("SIGTERM", () => process.stdout.write("not now\n"));
process.stdout.write("ready\n");
setInterval(() => undefined, 1_000);
