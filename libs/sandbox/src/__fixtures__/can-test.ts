/** Whether a part of a spec is tested here; on CI always, so that none goes missing unnoticed. */
export function canTest(part: string, isThere: boolean, missing: string): boolean {
  if (isThere || process.env["CI"] === "true") return true;
  process.stderr.write(`${missing}: ${part} is not tested.\n`);
  return false;
}
