// One line of 100 MB, then a normal one.
const block = Buffer.alloc(1024 * 1024, "x");
const write = (left) => {
  if (left === 0) return process.stdout.write("\nshort line\n");
  process.stdout.write(block, () => write(left - 1));
};
write(100);
