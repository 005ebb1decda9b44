const MAX_KEY_LENGTH = 512;

/**
 * The key of a request: `Authorization: Bearer <key>`.
 *
 * Pages that people open in a browser also take it as the password of HTTP Basic, which every browser asks for by itself; a
 * browser sends it along unasked, so nothing that changes anything may accept it.
 */
export function keyOf(
  authorization: string | undefined,
  allowBasic: boolean,
): string | undefined {
  const [, scheme = "", value = ""] =
    /^(\w{1,10}) +(\S{1,1024}) *$/.exec(authorization ?? "") ?? [];
  const key = read(scheme.toLowerCase(), value, allowBasic);
  return key !== undefined && key.length > 0 && key.length <= MAX_KEY_LENGTH
    ? key
    : undefined;
}

function read(
  scheme: string,
  value: string,
  allowBasic: boolean,
): string | undefined {
  if (scheme === "bearer") return value;
  if (scheme !== "basic" || !allowBasic) return undefined;
  const pair = Buffer.from(value, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon < 0 ? undefined : pair.slice(colon + 1);
}
