/** Asks for `url` in GitHub's API as another one with the same token would, until only so many requests are left. */
export async function useUpQuota(
  url: string,
  token: string,
  left: number,
): Promise<void> {
  for (;;) {
    const { headers } = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
    });
    const remaining = headers.get("x-ratelimit-remaining");
    if (remaining === null) throw new Error(`${url} tells no quota.`);
    if (Number(remaining) <= left) return;
  }
}
