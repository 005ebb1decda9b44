// Lines without end, as fast as they are taken.
const block = Buffer.from(`${"y".repeat(99)}\n`.repeat(650));
const write = () => process.stdout.write(block, write);
write();
