// Takes 20 MB every few milliseconds and holds it.
const held = [];
setInterval(() => held.push(Buffer.alloc(20 * 1024 * 1024, 1)), 5);
