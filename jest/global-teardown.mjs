export default async function tearDown() {
  await globalThis.postgresKeeper?.close();
}
